"""Asking before writing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeVar

import click

T = TypeVar("T")
_YES = frozenset({"o", "oui"})
_CHOOSE = frozenset({"c", "choisir"})


def agree(question: str) -> bool:
    """Ask on stderr, « o » or « oui » for yes; no answer, or any other, is no."""
    return _answer(f"{question} [o/N] ") in _YES


def choose(question: str, each: Sequence[tuple[str, T]]) -> list[T]:
    """Which of several things a person accepts: all, none, or « c » to be asked for each by its words."""
    if len(each) == 1:
        return [each[0][1]] if agree(question) else []
    answer = _answer(f"{question} [o/N/c pour choisir] ")
    if answer in _YES:
        return [thing for _, thing in each]
    if answer in _CHOOSE:
        return [thing for words, thing in each if agree(f"{words} ?")]
    return []


def _answer(question: str) -> str:
    click.echo(question, nl=False, err=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        click.echo(err=True)
    return answer.strip().lower()
