"""The cash forecast as a picture: a curve of the balance, bars of what comes in and goes out.

Matplotlib takes a second to start: it is imported by the first picture, not by this module. The same forecast gives
the same bytes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from acompta import french
from acompta.steering.flows import Forecast, Period
from acompta.steering.report import period_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS: Final = (".svg", ".png", ".pdf")
_INK, _GREY, _LINE, _ACCENT, _OUT, _LOW = (
    "#1a2226", "#66727a", "#dfe4e6", "#14505c", "#c9d1d4", "#a3392b",
)  # fmt: skip
_DPI: Final = 150


def picture(forecast: Forecast, title: str, suffix: str) -> bytes:
    """The picture of a forecast; ``suffix`` is one of `FORMATS`.

    Raises:
        ValueError: another suffix.
    """
    if suffix not in FORMATS:
        raise ValueError(suffix)
    import matplotlib as mpl  # noqa: PLC0415 — a second that only this picture needs

    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": ["Inter", "DejaVu Sans"],
        "font.size": 9,
        "svg.hashsalt": "acompta",
        "svg.fonttype": "path",
        "axes.edgecolor": _LINE,
        "text.color": _INK,
    }
    with mpl.rc_context(settings):
        figure = _figure(forecast, title)
        out = io.BytesIO()
        undated: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        figure.savefig(out, format=suffix[1:], dpi=_DPI, metadata=undated.get(suffix))
    return out.getvalue()


def _figure(forecast: Forecast, title: str) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415

    _add_fonts()
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    axes = figure.subplots()
    periods = forecast.periods
    places = range(len(periods))
    width = 0.36
    receipts = [float(period.receipts) for period in periods]
    payments = [float(-period.payments) for period in periods]
    axes.bar([p - width / 2 for p in places], receipts, width, color=_ACCENT, label="Entrées")
    axes.bar([p + width / 2 for p in places], payments, width, color=_OUT, label="Sorties")
    curve = [float(forecast.opening), *(float(period.closing) for period in periods)]
    axes.plot([-0.5, *(p + 0.5 for p in places)], curve, color=_INK, lw=1.6, marker="o", ms=4,
              label="Trésorerie")  # fmt: skip
    for place, period in zip(places, periods, strict=True):
        axes.annotate(
            french.number(period.closing, 0), (place + 0.5, float(period.closing)),
            xytext=(0, 7), textcoords="offset points", ha="center",
            color=_LOW if period.closing < 0 else _INK, fontsize=8,
        )  # fmt: skip
    _dress(axes, periods)
    figure.suptitle(
        f"{title} · trésorerie prévue au {french.day(forecast.at)}", x=0.01, ha="left", weight=600
    )
    return figure


def _dress(axes: Any, periods: tuple[Period, ...]) -> None:
    """Scale, labels and lines, in French."""
    from decimal import Decimal  # noqa: PLC0415

    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415

    every = max(1, len(periods) // 12)
    axes.set_xticks(
        list(range(0, len(periods), every)), [_short(period) for period in periods[::every]]
    )
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: french.number(Decimal(round(value)), 0) + "\u00a0€")
    )
    axes.tick_params(length=0, colors=_GREY)
    axes.grid(axis="y", color=_LINE, lw=0.6)
    axes.set_axisbelow(True)
    axes.axhline(0, color=_GREY, lw=0.8)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.margins(y=0.12)
    axes.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0), borderpad=0)


def _short(period: Period) -> str:
    title = period_title(period)
    if (period.end - period.start).days > 7:
        return title
    return f"{period.start:%d/%m}"


def _add_fonts() -> None:
    """The fonts of the invoices, when they are there."""
    from matplotlib import font_manager  # noqa: PLC0415

    from acompta.invoices.templates import packaged_folder  # noqa: PLC0415

    known = {Path(font.fname) for font in font_manager.fontManager.ttflist}
    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        path = packaged_folder() / "fonts" / name
        if path.is_file() and path not in known:
            font_manager.fontManager.addfont(path)
