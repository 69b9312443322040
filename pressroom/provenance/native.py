"""What c2pa's native library can do and its Python classes do not wrap: signing a manifest without reading the file.

c2pa's own `Builder.sign` copies and parses the whole asset through callbacks, which takes ten times what hashing it does.
Here the caller hashes and embeds. The manifest must hold its binding to the file already.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import c2pa

_RAW: Final = b"application/c2pa"  # the bare manifest store, wrapped for no format


def signed_store(builder: c2pa.Builder) -> bytes:
    """The manifest store of a builder whose context has a signer. Raises c2pa.C2paError."""
    from c2pa import c2pa as binding

    library = binding._lib
    sign = library.c2pa_builder_sign_embeddable
    sign.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_ubyte))]
    sign.restype = ctypes.c_int64
    out = ctypes.POINTER(ctypes.c_ubyte)()
    with builder._exclusive_native_call():
        size = sign(ctypes.cast(builder._handle, ctypes.c_void_p), _RAW, ctypes.byref(out))
        binding._check_ffi_operation_result(size, "Error during signing", check=lambda result: result < 0)
    try:
        return ctypes.string_at(out, size)
    finally:
        library.c2pa_free(out)
        builder.close()
