"""The samples of the style page: one file a component, cut into its states, drawn from the very text that is shown.

A file begins with `{#- title | group | when to use it -#}` and the imports; each state with `{#= its name @flags =#}`.
Flags: en (the words are English), bar (stands at the foot of a window, drawn in place), shown (hidden until a script
wants it), quiet (takes no focus), wide (needs the page's width: its modes stand under each other).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import current_app
from jinja2 import Template
from markupsafe import Markup

FOLDER: Final = "styleguide/samples"
HEAD: Final = re.compile(r"\{#- (.+?) \| (.+?) \| (.+?) -#\}\n")
MACRO: Final = re.compile(r"\{%-? macro ([a-z]\w*\(.*?\)) -?%\}")
CUT: Final = re.compile(r"\{#= (.+?)(?: @([a-z ]+))? =#\}\n")
NAMED: Final = re.compile(r'(?<=[ <])(id|for|name|aria-labelledby|aria-describedby|list)="([^"]+)"')
#: A landmark with its name: several of one name on a page would be told apart by nobody.
LANDMARK: Final = re.compile(r'(<(?:nav|section|form|aside)\b[^>]*?) aria-label(?:ledby)?="([^"]*)"')
REACTS: Final = re.compile(r"<(?:a |button|input|select|textarea|summary)")
#: Who reads a page, by the first word of its template's name.
SIDES: Final = {"public": "消费者", "merchant": "商户", "office": "监管人员"}


@dataclass(frozen=True)
class State:
    """One state of a component: its name, the code that draws it, and how it is shown."""

    name: str
    code: str
    flags: frozenset[str]


@dataclass(frozen=True)
class Sample:
    """A component with its states. `imports` is the line that every state needs before its own code."""

    name: str
    title: str
    group: str
    when: str
    imports: str
    states: tuple[State, ...]

    def matches(self, words: str) -> bool:
        """Whether the words stand in its name, title or code, capitals aside."""
        return words.lower() in f"{self.name} {self.title} {self.group} {self.imports}".lower()


def read(name: str, text: str) -> Sample:
    """A sample from its file. Raises ValueError when the first line does not say title, group and use."""
    head = HEAD.match(text)
    if not head:
        raise ValueError(f"{name}: the first line must be {{#- title | group | when to use it -#}}")
    imports, *rest = CUT.split(text[head.end() :])
    states = tuple(
        State(rest[at], rest[at + 2].strip(), frozenset((rest[at + 1] or "").split()))
        for at in range(0, len(rest), 3)
    )
    return Sample(name, head[1], head[2], head[3], imports.strip(), states)


def everything() -> list[Sample]:
    """All samples, by group and name."""
    folder = Path(current_app.root_path).parent / "templates" / FOLDER
    found = [read(path.stem, path.read_text(encoding="utf-8")) for path in folder.glob("*.html")]
    return sorted(found, key=lambda one: (one.group, one.name))


@lru_cache(maxsize=2048)
def _compiled(text: str) -> Template:
    return current_app.jinja_env.from_string(text)


def rendered(sample: Sample, state: State, data: dict[str, object]) -> str:
    """The state as HTML, as a page would have it that shows it once."""
    return _compiled(f"{sample.imports}\n{state.code}").render(**data)


def placed(html: str, sample: Sample, state: State, place: str) -> Markup:
    """What was rendered, for one place of a page: names and ids get `place` at their end, since a page shows many."""
    html = NAMED.sub(
        lambda m: (
            f'{m[1]}="{" ".join(word + place for word in m[2].split())}"' if m[2] != "csrf_token" else m[0]
        ),
        html,
    )
    html = LANDMARK.sub(lambda m: f'{m[1]} aria-label="{sample.title} {state.name} {place}"', html)
    if "quiet" in state.flags:
        html = html.replace(" data-autofocus", "")
        html = re.sub(r'href="#([\w-]+)"', r'href="#part-error_summary"', html)
    if "shown" in state.flags:
        html = html.replace(" hidden", "")
    return Markup(html)  # noqa: S704 - our own template, with our own words


def reacts(sample: Sample, data: dict[str, object]) -> bool:
    """Whether anything in it can be pointed at: then it is also shown as if it were."""
    return bool(sample.states) and bool(REACTS.search(rendered(sample, sample.states[0], data)))


@lru_cache(maxsize=1)
def calls() -> dict[str, list[str]]:
    """For each component its macros as they are called, with what may be given and what is taken otherwise."""
    folder = Path(current_app.root_path).parent / "templates" / "components"
    return {path.stem: MACRO.findall(path.read_text(encoding="utf-8")) for path in folder.glob("[a-z]*.html")}


@lru_cache(maxsize=1)
def users() -> dict[str, frozenset[str]]:
    """For each component the sides whose pages draw it, through other templates too."""
    folder = Path(current_app.root_path).parent / "templates"
    texts = {str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in folder.rglob("*.html")}
    named = {name: set(re.findall(r'"([\w/]+\.html)"', text)) for name, text in texts.items()}
    found: dict[str, set[str]] = {}
    for page, first in named.items():
        side = SIDES.get(page.rsplit("/", 1)[-1].split("_", 1)[0])
        if not side or page.startswith("styleguide/"):
            continue
        seen, ahead = set(), list(first)
        while ahead:
            name = ahead.pop()
            if name not in seen and name in named:
                seen.add(name)
                ahead.extend(named[name])
        for name in seen:
            found.setdefault(name.removeprefix("components/").removesuffix(".html"), set()).add(side)
    return {name: frozenset(sides) for name, sides in found.items()}
