//! PipeWire's library, loaded when it is needed: a computer without it lacks this one thing, and nothing has to be there to build.
//!
//! These are the functions and structures of its stable interface (`pipewire/stream.h`, `spa/buffer/buffer.h`) that a stream of pictures needs.
#![expect(unsafe_code, reason = "PipeWire is a library of C")]
use std::ffi::{c_char, c_int, c_void};
use std::sync::OnceLock;

use crate::device::keeper::Fault;

macro_rules! library {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions, by the names that they have there.
        pub(super) struct Library {
            $(pub(super) $name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// Whose functions they are; never closed, since its threads may still run.
            _file: libloading::Library,
        }

        impl Library {
            fn load() -> Result<Self, libloading::Error> {
                // SAFETY: PipeWire's library may be loaded at any time, and its functions have these signatures since 0.3.0.
                unsafe {
                    let file = libloading::Library::new("libpipewire-0.3.so.0")?;
                    let library = Self {
                        $($name: *file.get(concat!(stringify!($name), "\0").as_bytes())?,)*
                        _file: file,
                    };
                    (library.pw_init)(std::ptr::null_mut(), std::ptr::null_mut());
                    Ok(library)
                }
            }
        }
    };
}

library! {
    pw_init: fn(*mut c_int, *mut *mut *mut c_char);
    pw_properties_new_string: fn(*const c_char) -> *mut Properties;
    pw_thread_loop_new: fn(*const c_char, *const c_void) -> *mut ThreadLoop;
    pw_thread_loop_destroy: fn(*mut ThreadLoop);
    pw_thread_loop_start: fn(*mut ThreadLoop) -> c_int;
    pw_thread_loop_stop: fn(*mut ThreadLoop);
    pw_thread_loop_lock: fn(*mut ThreadLoop);
    pw_thread_loop_unlock: fn(*mut ThreadLoop);
    pw_thread_loop_get_loop: fn(*mut ThreadLoop) -> *mut Loop;
    pw_context_new: fn(*mut Loop, *mut Properties, usize) -> *mut Context;
    pw_context_destroy: fn(*mut Context);
    pw_context_connect_fd: fn(*mut Context, c_int, *mut Properties, usize) -> *mut Core;
    pw_stream_new: fn(*mut Core, *const c_char, *mut Properties) -> *mut Stream;
    pw_stream_add_listener: fn(*mut Stream, *mut Hook, *const StreamEvents, *mut c_void);
    pw_stream_connect: fn(*mut Stream, c_int, u32, c_int, *mut *const Pod, u32) -> c_int;
    pw_stream_update_params: fn(*mut Stream, *mut *const Pod, u32) -> c_int;
    pw_stream_dequeue_buffer: fn(*mut Stream) -> *mut Buffer;
    pw_stream_queue_buffer: fn(*mut Stream, *mut Buffer) -> c_int;
    pw_stream_destroy: fn(*mut Stream);
}

impl Library {
    /// The library, loaded at most once.
    pub(super) fn get() -> Result<&'static Self, Fault> {
        static LIBRARY: OnceLock<Result<Library, String>> = OnceLock::new();
        let loaded = LIBRARY.get_or_init(|| Self::load().map_err(|error| error.to_string()));
        loaded.as_ref().map_err(|error| {
            Fault::Missing(format!("sharing under Wayland needs PipeWire: {error}"))
        })
    }
}

macro_rules! opaque {
    ($($name:ident)*) => {
        $(
            /// Known to the library alone.
            #[repr(C)]
            pub(super) struct $name {
                _private: [u8; 0],
            }
        )*
    };
}

opaque! { Properties ThreadLoop Loop Context Core Stream }

/// What is said about a stream: the size and type of a value that follows.
#[repr(C, align(8))]
pub(super) struct Pod {
    pub(super) size: u32,
    pub(super) kind: u32,
}

/// Who listens to a stream; filled in by the library (`struct spa_hook`).
#[repr(C)]
#[derive(Default)]
pub(super) struct Hook {
    private: [usize; 6],
}

/// What a stream tells (`struct pw_stream_events`, version 0).
#[repr(C)]
pub(super) struct StreamEvents {
    pub(super) version: u32,
    pub(super) destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub(super) state_changed:
        Option<unsafe extern "C" fn(*mut c_void, c_int, c_int, *const c_char)>,
    pub(super) control_info: Option<unsafe extern "C" fn(*mut c_void, u32, *const c_void)>,
    pub(super) io_changed: Option<unsafe extern "C" fn(*mut c_void, u32, *mut c_void, u32)>,
    pub(super) param_changed: Option<unsafe extern "C" fn(*mut c_void, u32, *const Pod)>,
    pub(super) add_buffer: Option<unsafe extern "C" fn(*mut c_void, *mut Buffer)>,
    pub(super) remove_buffer: Option<unsafe extern "C" fn(*mut c_void, *mut Buffer)>,
    pub(super) process: Option<unsafe extern "C" fn(*mut c_void)>,
    pub(super) drained: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// A buffer of a stream (the beginning of `struct pw_buffer`).
#[repr(C)]
pub(super) struct Buffer {
    pub(super) buffer: *mut SpaBuffer,
}

/// `struct spa_buffer`.
#[repr(C)]
pub(super) struct SpaBuffer {
    pub(super) meta_count: u32,
    pub(super) data_count: u32,
    pub(super) metas: *mut Meta,
    pub(super) datas: *mut Data,
}

/// `struct spa_meta`.
#[repr(C)]
pub(super) struct Meta {
    pub(super) kind: u32,
    pub(super) size: u32,
    pub(super) data: *mut c_void,
}

/// `struct spa_data`.
#[repr(C)]
pub(super) struct Data {
    pub(super) kind: u32,
    pub(super) flags: u32,
    pub(super) fd: i64,
    pub(super) map_offset: u32,
    pub(super) max_size: u32,
    pub(super) data: *mut c_void,
    pub(super) chunk: *mut Chunk,
}

/// `struct spa_chunk`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) offset: u32,
    pub(super) size: u32,
    pub(super) stride: i32,
    pub(super) flags: i32,
}

/// `struct spa_meta_region`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: u32,
    pub(super) height: u32,
}

pub(super) const DIRECTION_INPUT: c_int = 0;
pub(super) const STATE_ERROR: c_int = -1;
pub(super) const STATE_UNCONNECTED: c_int = 0;
/// Autoconnect, map buffers, and no other source when this one ends.
pub(super) const FLAGS: c_int = 1 | 1 << 2 | 1 << 7;
pub(super) const PARAM_FORMAT: u32 = 4;
pub(super) const DATA_MEM_PTR: u32 = 1;
pub(super) const DATA_MEM_FD: u32 = 2;
pub(super) const META_VIDEO_CROP: u32 = 2;
pub(super) const CHUNK_CORRUPTED: i32 = 1;
// `spa/param/video/raw.h`.
pub(super) const FORMAT_RGBX: u32 = 7;
pub(super) const FORMAT_BGRX: u32 = 8;
pub(super) const FORMAT_RGBA: u32 = 11;
pub(super) const FORMAT_BGRA: u32 = 12;
