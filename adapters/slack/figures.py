"""Tables, charts and meters: Slack's own blocks where the surface has them, figures in words elsewhere."""

import math
from itertools import zip_longest

from adapters.markup import visible
from adapters.slack.sheet import BlockKit, Sheet
from dialogs.card import Chart, Meter, Table

MAX_ROWS = 100
MAX_COLUMNS = 20
MAX_TABLE_LETTERS = 10_000
MAX_CHARTS = 2
MAX_CHART_TITLE = 50
MAX_CHART_LABEL = 20
MAX_POINTS = 20
MAX_SERIES = 6
BAR_CELLS = 10
NOTHING = "–"


def draw_meter(sheet: Sheet, meter: Meter) -> None:
    """Draw a bar of ten cells under its label; the caption says the same in words."""
    share = min(max(meter.value, 0.0), 1.0) if math.isfinite(meter.value) else 0.0
    full = round(share * BAR_CELLS)
    bar = "█" * full + "░" * (BAR_CELLS - full)
    sheet.rich([(meter.label, True), (f"\n{bar}  {meter.caption}", False)])


def draw_table(sheet: Sheet, table: Table) -> None:
    """Draw a table under its caption. Slack has tables in messages only, one each."""
    columns = max(map(len, (table.header, *table.rows)))
    rows = [
        [visible(cell).strip() or NOTHING for cell in (*row, *[""] * (columns - len(row)))]
        for row in table.rows
    ]
    header = [
        visible(cell).strip() or NOTHING for cell in (*table.header, *[""] * (columns - len(table.header)))
    ]
    letters = sum(len(cell) for row in (header, *rows) for cell in row)
    if len(rows) >= MAX_ROWS or columns > MAX_COLUMNS or letters > MAX_TABLE_LETTERS:
        sheet.note(
            f"a table of {len(rows)} rows, {columns} columns and {letters} characters is shown as text"
        )
    elif sheet.surface == "message" and sheet.count("table"):
        sheet.note("a second table in one message is shown as text")
    elif sheet.surface == "message" and columns:
        sheet.rich([(table.caption, True)])
        sheet.blocks.append(_native_table([header, *rows], columns))
        return
    lines = [
        " · ".join(f"{name}{_colon(sheet)}{cell}" for name, cell in zip(header, row, strict=True))
        for row in rows
    ]
    sheet.rich([(table.caption, True), *((f"\n• {line}", False) for line in lines or [" · ".join(header)])])


def draw_chart(sheet: Sheet, chart: Chart) -> None:
    """Draw a chart. Slack has charts in messages and on Home; in a modal the figures are written out."""
    misfit = _misfit(sheet, chart)
    if sheet.surface != "modal" and not misfit:
        sheet.blocks.append(_native_chart(chart))
        return
    if sheet.surface != "modal":
        sheet.note(f"a chart is shown as text: {misfit}")
    sheet.rich([(chart.title, True), *((f"\n• {line}", False) for line in _written_out(sheet, chart))])


def _native_table(rows: list[list[str]], columns: int) -> BlockKit:
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": True} for _ in range(columns)],
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
    }


def _native_chart(chart: Chart) -> BlockKit:
    labels, names = _names(chart)
    series = [
        {
            "name": name,
            "data": [
                {"label": label, "value": value} for label, value in zip(labels, one.values, strict=True)
            ],
        }
        for name, one in zip(names, chart.series, strict=True)
    ]
    drawing = {"type": chart.kind, "series": series, "axis_config": {"categories": labels}}
    return {"type": "data_visualization", "title": visible(chart.title), "chart": drawing}


def _names(chart: Chart) -> tuple[list[str], list[str]]:
    return [visible(label).strip() for label in chart.labels], [
        visible(one.name).strip() for one in chart.series
    ]


def _misfit(sheet: Sheet, chart: Chart) -> str:
    """Why Slack would refuse the chart; empty when it would not."""
    labels, names = _names(chart)
    title = visible(chart.title)
    if sheet.count("data_visualization") >= MAX_CHARTS:
        return "there are more than two charts"
    if not title.strip() or len(title) > MAX_CHART_TITLE:
        return "its title is empty or longer than 50 characters"
    if not 1 <= len(labels) <= MAX_POINTS or not 1 <= len(names) <= MAX_SERIES:
        return "it has no points, more than 20 points, or more than 6 series"
    if any(not text or len(text) > MAX_CHART_LABEL for text in (*labels, *names)):
        return "a label or a series name is empty or longer than 20 characters"
    if len(set(labels)) < len(labels) or len(set(names)) < len(names):
        return "two labels or two series have one name"
    values = [value for one in chart.series for value in one.values]
    if any(len(one.values) != len(labels) for one in chart.series) or not all(map(math.isfinite, values)):
        return "a series lacks a value"
    return ""


def _written_out(sheet: Sheet, chart: Chart) -> list[str]:
    names = [one.name for one in chart.series]
    lines = []
    for label, values in zip_longest(
        chart.labels, zip_longest(*(one.values for one in chart.series)), fillvalue=None
    ):
        shown = (_figure(sheet, value) for value in values or ())
        parts = (f"{name} {value}" for name, value in zip_longest(names, shown, fillvalue=NOTHING))
        lines.append(f"{label or NOTHING}{_colon(sheet)}{' · '.join(parts)}")
    return lines


def _figure(sheet: Sheet, value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return text.replace(",", "\u202f").replace(".", ",") if sheet.is_french else text


def _colon(sheet: Sheet) -> str:
    return "\u00a0: " if sheet.is_french else ": "
