#!/usr/bin/env bash
# The example dossiers, from text to Fava: check, render, aged balance, then serve.
#     SERVE=no    stop before serving          PORT=5001   serve elsewhere          AS_OF=2026-12-31   date of the balance
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly port="${PORT:-5000}" as_of="${AS_OF:-2026-12-31}" serve="${SERVE:-yes}"
unset PYTHONPATH PYTHONHOME

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

if [ "$serve" != no ] && port_is_taken; then
    echo "Le port $port est déjà pris sur cette machine : tapez « make demo PORT=$((port + 1)) »." >&2
    exit 1
fi

scripts/setup.sh demo
PATH="$PWD/.venv/bin:$PATH"

ledgers=(ledgers/*/main.beancount)
failed=()
run() {  # one command that fails does not hide the others
    printf '\n$ %s\n' "$*"
    local code=0
    "$@" || code=$?
    # verifier says 1 when there is something to look at: the examples have some, on purpose.
    [ $code -eq 0 ] || [ "$2 $code" = "verifier 1" ] || failed+=("$*")
}
for ledger in "${ledgers[@]}"; do
    printf '\n━━━ %s ━━━\n' "$(basename "$(dirname "$ledger")")"
    run acompta verifier "$ledger"
    run acompta imprimer "$ledger"
    run acompta balance-agee "$ledger" --au "$as_of"
done

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nOnt échoué :\n' >&2
    printf '    %s\n' "${failed[@]}" >&2
fi
if [ "$serve" = no ]; then
    [ ${#failed[@]} -eq 0 ]
    exit
fi
printf '\nFava : http://127.0.0.1:%s (Ctrl+C pour arrêter)\n' "$port"
exec fava --host 127.0.0.1 --port "$port" "${ledgers[@]}"
