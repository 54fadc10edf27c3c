"""Asking before writing."""

from __future__ import annotations

import sys

import click


def agree(question: str) -> bool:
    """Ask on stderr, « o » or « oui » for yes; no answer, or any other, is no."""
    click.echo(f"{question} [o/N] ", nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)
    return answer.strip().lower() in {"o", "oui"}
