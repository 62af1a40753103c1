//! Pictures from PipeWire: the newest one is kept, all others are given back at once.
#![expect(unsafe_code, reason = "PipeWire is a library of C")]
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::os::fd::{IntoRawFd as _, OwnedFd};
use std::ptr::null_mut;
use std::rc::Rc;
use std::time::Instant;

use super::frame::{BYTES, Frame};
use super::library::{self, Buffer, Context, Hook, Library, Pod, Stream, StreamEvents, ThreadLoop};
use super::pod;
use crate::device::keeper::Fault;
use crate::device::screen::check_size;
use crate::video::convert::{PixelFormat, convert};
use crate::video::{Picture, PicturePool, Size};

/// A stream that is running. PipeWire's own thread fills it; whatever both touch is touched with its loop locked.
pub(super) struct PictureStream {
    library: &'static Library,
    thread: *mut ThreadLoop,
    context: *mut Context,
    shared: Rc<Shared>,
}

/// What the library's thread calls us with.
struct Shared {
    library: &'static Library,
    stream: Cell<*mut Stream>,
    hook: Cell<Hook>,
    /// The newest buffer with a picture in it, taken from the stream.
    newest: Cell<*mut Buffer>,
    agreed: Cell<Option<(PixelFormat, Size)>>,
    /// Why there are no more pictures.
    end: RefCell<Option<String>>,
}

impl PictureStream {
    /// Connects with the stream of this number; `remote` is the way to PipeWire that the portal opened.
    pub(super) fn open(remote: OwnedFd, node: u32) -> Result<Self, Fault> {
        let library = Library::get()?;
        let mut new = Self {
            library,
            thread: null_mut(),
            context: null_mut(),
            shared: Rc::new(Shared {
                library,
                stream: Cell::new(null_mut()),
                hook: Cell::default(),
                newest: Cell::new(null_mut()),
                agreed: Cell::new(None),
                end: RefCell::new(None),
            }),
        };
        new.connect(remote, node)
            .ok_or_else(|| Fault::Failed("PipeWire gives no stream of pictures".to_owned()))?;
        Ok(new)
    }

    fn connect(&mut self, remote: OwnedFd, node: u32) -> Option<()> {
        let library = self.library;
        let there = |is_there: bool| is_there.then_some(());
        // SAFETY: each call is given what an earlier one gave, none of it null; the loop is locked as soon as it runs.
        unsafe {
            self.thread = (library.pw_thread_loop_new)(c"pipewire".as_ptr(), std::ptr::null());
            there(!self.thread.is_null())?;
            let its_loop = (library.pw_thread_loop_get_loop)(self.thread);
            self.context = (library.pw_context_new)(its_loop, null_mut(), 0);
            there(!self.context.is_null())?;
            there((library.pw_thread_loop_start)(self.thread) >= 0)?;
            let _locked = self.lock();
            let remote = remote.into_raw_fd();
            let core = (library.pw_context_connect_fd)(self.context, remote, null_mut(), 0);
            there(!core.is_null())?;
            let properties = (library.pw_properties_new_string)(PROPERTIES.as_ptr());
            let stream = (library.pw_stream_new)(core, c"rendezvous".as_ptr(), properties);
            there(!stream.is_null())?;
            self.shared.stream.set(stream);
            let data = Rc::as_ptr(&self.shared).cast_mut().cast();
            (library.pw_stream_add_listener)(stream, self.shared.hook.as_ptr(), &EVENTS, data);
            let wanted = Aligned::new(&pod::wanted(&FORMATS));
            let mut parameters = [wanted.as_pod()];
            let (direction, flags) = (library::DIRECTION_INPUT, library::FLAGS);
            let parameters = parameters.as_mut_ptr();
            there((library.pw_stream_connect)(stream, direction, node, flags, parameters, 1) >= 0)
        }
    }

    /// The newest picture, if there is one that was not taken before.
    pub(super) fn take(&self, pool: &PicturePool, time: Instant) -> Result<Option<Picture>, Fault> {
        let _locked = self.lock();
        if let Some(end) = &*self.shared.end.borrow() {
            return Err(Fault::Over(format!("sharing was ended: {end}")));
        }
        let buffer = self.shared.newest.replace(null_mut());
        if buffer.is_null() {
            return Ok(None);
        }
        let picture = self.shared.picture(buffer, pool, time);
        self.shared.give_back(buffer);
        picture.map(Some)
    }

    fn lock(&self) -> Locked {
        // SAFETY: the loop runs until this is dropped.
        unsafe { (self.library.pw_thread_loop_lock)(self.thread) };
        Locked(self.library, self.thread)
    }
}

impl Drop for PictureStream {
    fn drop(&mut self) {
        let library = self.library;
        // SAFETY: what was made is destroyed once, in the order that the library asks for; nothing runs any more then.
        unsafe {
            if !self.thread.is_null() {
                (library.pw_thread_loop_stop)(self.thread);
            }
            if !self.shared.stream.get().is_null() {
                (library.pw_stream_destroy)(self.shared.stream.get());
            }
            if !self.context.is_null() {
                (library.pw_context_destroy)(self.context);
            }
            if !self.thread.is_null() {
                (library.pw_thread_loop_destroy)(self.thread);
            }
        }
    }
}

/// While it lives, PipeWire's thread does nothing.
struct Locked(&'static Library, *mut ThreadLoop);

impl Drop for Locked {
    fn drop(&mut self) {
        // SAFETY: it was locked by this thread.
        unsafe { (self.0.pw_thread_loop_unlock)(self.1) };
    }
}

impl Shared {
    /// Takes all buffers that are full; of those with a picture the last is kept.
    fn keep_newest(&self) {
        loop {
            // SAFETY: the stream lives as long as this, and the loop is locked.
            let buffer = unsafe { (self.library.pw_stream_dequeue_buffer)(self.stream.get()) };
            if buffer.is_null() {
                return;
            }
            // SAFETY: the buffer is ours until it is given back.
            let has_picture = unsafe { Frame::of(buffer) }.is_some();
            let other = if has_picture {
                self.newest.replace(buffer)
            } else {
                buffer
            };
            if !other.is_null() {
                self.give_back(other);
            }
        }
    }

    fn give_back(&self, buffer: *mut Buffer) {
        // SAFETY: it came from this stream and is no longer read.
        unsafe { (self.library.pw_stream_queue_buffer)(self.stream.get(), buffer) };
    }

    fn picture(
        &self,
        buffer: *mut Buffer,
        pool: &PicturePool,
        time: Instant,
    ) -> Result<Picture, Fault> {
        let broken = || Fault::Failed("the system's pictures are broken".to_owned());
        let (format, full) = self.agreed.get().ok_or_else(broken)?;
        // SAFETY: the buffer is ours until it is given back.
        let frame = unsafe { Frame::of(buffer) }.ok_or_else(broken)?;
        let cut = frame.cut(full).ok_or_else(broken)?;
        check_size(cut.size)?;
        let mut picture = pool.take(cut.size, time);
        convert(cut.pixels, cut.stride, format, &mut picture).ok_or_else(broken)?;
        Ok(picture.finish())
    }

    fn agree(&self, format: &[u8]) {
        let agreed = pod::agreed(format).and_then(|(kind, [width, height])| {
            let format = match kind {
                library::FORMAT_BGRX | library::FORMAT_BGRA => PixelFormat::Bgrx,
                library::FORMAT_RGBX | library::FORMAT_RGBA => PixelFormat::Rgbx,
                _ => return None,
            };
            Some((format, Size::new(width, height)))
        });
        tracing::info!(?agreed, "the shared screen");
        self.agreed.set(agreed);
        let Some((_, size)) = agreed else {
            return;
        };
        let region = size_of::<library::Region>() as u32;
        let parameters = [
            pod::readable_buffers(size.width.saturating_mul(BYTES as u32), size.height),
            pod::cropped(library::META_VIDEO_CROP, region),
        ];
        let aligned = parameters.map(|parameter| Aligned::new(&parameter));
        let mut pods = aligned.each_ref().map(Aligned::as_pod);
        // SAFETY: the stream lives, and copies what it is given.
        unsafe {
            let count = pods.len() as u32;
            (self.library.pw_stream_update_params)(self.stream.get(), pods.as_mut_ptr(), count);
        }
    }
}

/// What the stream tells us; PipeWire's thread calls these with the loop locked.
static EVENTS: StreamEvents = StreamEvents {
    version: 0,
    destroy: None,
    state_changed: Some(state_changed),
    control_info: None,
    io_changed: None,
    param_changed: Some(param_changed),
    add_buffer: None,
    remove_buffer: Some(remove_buffer),
    process: Some(process),
    drained: None,
};

/// # Safety
/// `data` is the [`Shared`] of a stream that lives.
unsafe fn shared<'a>(data: *mut c_void) -> &'a Shared {
    // SAFETY: as above.
    unsafe { &*data.cast::<Shared>() }
}

unsafe extern "C" fn state_changed(
    data: *mut c_void,
    _old: c_int,
    state: c_int,
    error: *const c_char,
) {
    // SAFETY: this is what the listener was given.
    let shared = unsafe { shared(data) };
    if state == library::STATE_ERROR || state == library::STATE_UNCONNECTED {
        let reason = if error.is_null() {
            "the stream of pictures has gone".into()
        } else {
            // SAFETY: the library gives a text that lives during this call.
            unsafe { CStr::from_ptr(error) }.to_string_lossy()
        };
        shared.end.replace(Some(reason.into_owned()));
    }
}

unsafe extern "C" fn param_changed(data: *mut c_void, id: u32, parameter: *const Pod) {
    if id != library::PARAM_FORMAT || parameter.is_null() {
        return;
    }
    // SAFETY: this is what the listener was given; the value is as long as its head says.
    unsafe {
        let length = size_of::<Pod>() + (*parameter).size as usize;
        shared(data).agree(std::slice::from_raw_parts(parameter.cast(), length));
    }
}

unsafe extern "C" fn remove_buffer(data: *mut c_void, buffer: *mut Buffer) {
    // SAFETY: this is what the listener was given.
    let shared = unsafe { shared(data) };
    if shared.newest.get() == buffer {
        shared.newest.set(null_mut());
    }
}

unsafe extern "C" fn process(data: *mut c_void) {
    // SAFETY: this is what the listener was given.
    unsafe { shared(data) }.keep_newest();
}

/// A value where the library can read it: at a multiple of eight bytes.
struct Aligned(Vec<u64>);

impl Aligned {
    fn new(pod: &[u8]) -> Self {
        let words = pod.as_chunks::<8>().0.iter();
        Self(words.map(|word| u64::from_ne_bytes(*word)).collect())
    }

    const fn as_pod(&self) -> *const Pod {
        self.0.as_ptr().cast()
    }
}

const PROPERTIES: &CStr = c"media.type=Video media.category=Capture media.role=Screen";
/// What [`Shared::agree`] knows, the best first.
const FORMATS: [u32; 4] = [
    library::FORMAT_BGRX,
    library::FORMAT_RGBX,
    library::FORMAT_BGRA,
    library::FORMAT_RGBA,
];
