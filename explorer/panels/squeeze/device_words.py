"""What the view "On a device" says: widths, bytes and times in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from explorer.engine.quantization.on_device import OnDevice
from explorer.engine.quantization.recipe import FLOAT, Recipe, is_float, stored_bits
from explorer.engine.quantization.timing import KernelTime
from explorer.panels.squeeze import wording
from explorer.panels.squeeze.session import SqueezeSession
from explorer.panels.squeeze.width_rows import BITS, WidthRow
from explorer.panels.squeeze.widths import color_role, words

_TYPES = (8, 16)


def rows(session: SqueezeSession, facts: OnDevice | None, accumulator: int) -> list[WidthRow]:
    """Return the rows of bits: two of storage, one of compute, one of accumulators."""
    recipe = session.recipe
    stored = [
        WidthRow(_tr("Storage: weights, {width}").format(width=words(recipe.weights)), BITS, 0, ""),
        WidthRow(_tr("Storage: activations, {width}").format(width=words(recipe.activations)), BITS, 0, ""),
    ]
    widths = (recipe.weights, recipe.activations)
    found = [
        WidthRow(row.words, stored_bits(width), stored_bits(width), color_role(width))
        for row, width in zip(stored, widths, strict=True)
    ]
    multiplied = computed(recipe)
    if multiplied is None:
        found.append(WidthRow(_tr("Compute: float32 × float32"), BITS, BITS, "data0"))
        found.append(WidthRow(_tr("Accumulator: float32"), BITS, BITS, "data0"))
        return found
    told = _tr("Compute: int{bits} × int{bits} on a device; here simulated in float32")
    found.append(WidthRow(told.format(bits=multiplied), multiplied, multiplied, "data1"))
    if facts is None or facts.accumulators is None:
        told = _tr("Accumulator: int{bits}")
        found.append(WidthRow(told.format(bits=accumulator), accumulator, 0, "data2"))
    else:
        layer, needed = facts.accumulators.widest
        told = _tr("Accumulator: int{bits}; the widest sum met needs {needed} ({layer})")
        text = told.format(bits=accumulator, needed=needed, layer=layer)
        found.append(WidthRow(text, accumulator, needed, "data2"))
    return found


def computed(recipe: Recipe) -> int | None:
    """Return the bits of the integers that a device would multiply: the next type it has; None for floats."""
    of_weights = (recipe.weights, *dict(recipe.layer_weights).values())
    of_activations = (recipe.activations, *dict(recipe.layer_activations).values())
    if any(is_float(width) for width in (*of_weights, *of_activations)):
        return None
    widest = max(stored_bits(width) for width in (*of_weights, *of_activations))
    return next(bits for bits in _TYPES if widest <= bits)


def size(session: SqueezeSession, facts: OnDevice | None) -> str:
    """Return the bytes: packed, with zeros left out, and of the exported file."""
    if facts is None:
        count = session.file_bytes(session.recipe)
        told = _tr("Size if packed: {count:,} bytes.")
        return "" if count is None else told.format(count=count)
    file = _tr("The exported ONNX file is {kilobytes:.1f} KB.").format(kilobytes=facts.onnx_bytes / 1024)
    if facts.sparse_bytes is None:
        told = _tr("Size if packed: {count:,} bytes. {file}")
        return told.format(count=facts.dense_bytes, file=file)
    told = _tr("Size if packed: {dense:,} bytes with the zeros, {sparse:,} with an index instead of them. {file}")
    return told.format(dense=facts.dense_bytes, sparse=facts.sparse_bytes, file=file)


def speed(session: SqueezeSession, facts: OnDevice | None) -> str:
    """Return the times measured here, or that there is no kernel."""
    if facts is None:
        return _tr("Time: measured once this setting stands.")
    exact = _tr("One second of sound takes, measured here, in float32 {time}").format(
        time=milliseconds(facts.float_time)
    )
    told = exact
    if facts.own_time is not None:
        ratio = facts.own_time.median_ms / facts.float_time.median_ms
        share = _tr("{ratio:.1f} times slower") if ratio >= 1 else _tr("{ratio:.1f} times faster")
        share = share.format(ratio=max(ratio, 1 / ratio))
        told += _tr("; in int8 {time}: {share} on this machine").format(time=milliseconds(facts.own_time), share=share)
    elif session.recipe != FLOAT and not _only_pruned(session.recipe):
        told += _tr("; no kernel for this width on this machine: storage shrinks, time does not")
    if facts.pruned_time is not None:
        slower = facts.pruned_time.high_ms >= facts.float_time.low_ms
        zeros = (
            _tr("; with the zeros {time}: zeros do not make dense kernels faster")
            if slower
            else _tr("; with the zeros {time}")
        )
        told += zeros.format(time=milliseconds(facts.pruned_time))
    return told + "."


def milliseconds(measured: KernelTime) -> str:
    """Return a time with its interval."""
    told = _tr("{median:.2f} ms [{low:.2f}, {high:.2f}], n = {runs}")
    return told.format(median=measured.median_ms, low=measured.low_ms, high=measured.high_ms, runs=measured.runs)


def sentence(session: SqueezeSession, facts: OnDevice | None) -> str:
    """Return one sentence of what is seen now."""
    if facts is None:
        return _tr("{setting}: what it takes on a device is measured once it stands.").format(
            setting=wording.setting(session)
        )
    if facts.accumulators is None or facts.narrow is None:
        return _tr(
            "{setting}: floats or wide codes are not added in 8-bit integers; {count:,} bytes of storage."
        ).format(setting=wording.setting(session), count=facts.dense_bytes)
    layer, needed = facts.accumulators.widest
    if facts.narrow.wrapped:
        told = _tr(
            "{bits}-bit accumulators overflow in {count} layers; {changed} of {clips} clips are answered otherwise."
        )
        return told.format(
            bits=facts.narrow.bits,
            count=len(facts.narrow.wrapped),
            changed=facts.narrow.changed,
            clips=facts.narrow.clips,
        )
    told = _tr("The widest sum needs {needed} bits, in {layer}; {bits}-bit accumulators hold all of them.")
    return told.format(needed=needed, layer=layer, bits=facts.narrow.bits)


def no_sums(session: SqueezeSession, facts: OnDevice | None) -> str:
    """Say why there are no bars."""
    if facts is None and computed(session.recipe) is not None:
        return _tr("Sums are measured once this setting stands.")
    return _tr("Sums in integers need weights and activations of at most 8 bits.")


def table(session: SqueezeSession, facts: OnDevice, accumulator: int) -> list[tuple[object, ...]]:
    """Return the figures, and the sums layer by layer."""
    found: list[tuple[object, ...]] = [("what", "where", "value", "low", "high", "n")]
    setting = wording.setting(session)
    found.append(("packed_bytes", setting, facts.dense_bytes, "", "", ""))
    if facts.sparse_bytes is not None:
        found.append(("packed_sparse_bytes", setting, facts.sparse_bytes, "", "", ""))
    found.append(("onnx_bytes", setting, facts.onnx_bytes, "", "", ""))
    times = (("float32", facts.float_time), (setting, facts.own_time), ("float32 pruned", facts.pruned_time))
    for name, measured in times:
        if measured is not None:
            found.append(("time_ms", name, measured.median_ms, measured.low_ms, measured.high_ms, measured.runs))
    if facts.accumulators is not None and facts.narrow is not None:
        sums, narrow = facts.accumulators, facts.narrow
        for layer, bits in sums.needed.items():
            found.append(("sum_bits", layer, bits, "", sums.bound[layer], sums.clips))
        for layer, count in narrow.wrapped.items():
            found.append((f"sums_beyond_int{accumulator}", layer, count, "", "", narrow.clips))
        found.append((f"answers_changed_by_int{accumulator}", setting, narrow.changed, "", "", narrow.clips))
    return found


def _only_pruned(recipe: Recipe) -> bool:
    return bool(recipe.pruned) and all(
        width == "float32"
        for width in (
            recipe.weights,
            recipe.activations,
            *dict(recipe.layer_weights).values(),
            *dict(recipe.layer_activations).values(),
        )
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Squeeze", text)
