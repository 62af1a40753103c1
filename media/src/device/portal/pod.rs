//! SPA's plain old data, in which PipeWire says what pictures are like: as much of it as pictures need.
//!
//! A value is its size, its type and its body, in the computer's own byte order, filled up to eight bytes.

/// What a stream of ours takes: these kinds of pixels in any size.
pub(super) fn wanted(formats: &[u32]) -> Vec<u8> {
    let formats: Vec<Vec<u8>> = formats.iter().map(|format| bytes(&[*format])).collect();
    let first = formats.first().cloned().into_iter();
    let offered: Vec<Vec<u8>> = first.chain(formats.iter().cloned()).collect();
    let sizes = [[1_280, 720], [1, 1], [LARGEST, LARGEST]].map(|size| bytes(&size));
    let rates = [[15, 1], [0, 1], [1_000, 1]].map(|rate| bytes(&rate));
    let properties = [
        (KEY_MEDIA_TYPE, value(TYPE_ID, &bytes(&[MEDIA_VIDEO]))),
        (KEY_MEDIA_SUBTYPE, value(TYPE_ID, &bytes(&[MEDIA_RAW]))),
        (KEY_VIDEO_FORMAT, choice(CHOICE_ENUM, TYPE_ID, &offered)),
        (KEY_VIDEO_SIZE, choice(CHOICE_RANGE, TYPE_RECTANGLE, &sizes)),
        (KEY_VIDEO_RATE, choice(CHOICE_RANGE, TYPE_FRACTION, &rates)),
    ];
    object(OBJECT_FORMAT, PARAM_ENUM_FORMAT, &properties)
}

/// Pixels are to come in memory that we can read, not in that of a graphics card, and so many bytes of it at least.
pub(super) fn readable_buffers(line: u32, lines: u32) -> Vec<u8> {
    let kinds = bytes(&[1 << super::library::DATA_MEM_PTR | 1 << super::library::DATA_MEM_FD]);
    let at_least = |number: u32| {
        let range = [number, number, i32::MAX as u32].map(|number| bytes(&[number]));
        choice(CHOICE_RANGE, TYPE_INT, &range)
    };
    let properties = [
        (KEY_BUFFERS_SIZE, at_least(line.saturating_mul(lines))),
        (KEY_BUFFERS_STRIDE, at_least(line)),
        (
            KEY_BUFFERS_DATA_TYPE,
            choice(CHOICE_FLAGS, TYPE_INT, &[kinds]),
        ),
    ];
    object(OBJECT_BUFFERS, PARAM_BUFFERS, &properties)
}

/// Which part of each picture counts is to be told with it.
pub(super) fn cropped(meta: u32, size: u32) -> Vec<u8> {
    let properties = [
        (KEY_META_TYPE, value(TYPE_ID, &bytes(&[meta]))),
        (KEY_META_SIZE, value(TYPE_INT, &bytes(&[size]))),
    ];
    object(OBJECT_META, PARAM_META, &properties)
}

/// What was agreed on: the kind of pixels, width and height.
pub(super) fn agreed(format: &[u8]) -> Option<(u32, [u32; 2])> {
    let kind = property(format, KEY_VIDEO_FORMAT)?;
    let size = property(format, KEY_VIDEO_SIZE)?;
    let [kind] = words(kind)?;
    Some((kind, words(size)?))
}

/// The body of a property of an object; of a choice, that of the first.
fn property(object: &[u8], wanted: u32) -> Option<&[u8]> {
    let (length, kind, rest) = header(object)?;
    let body = rest.get(..length).filter(|_| kind == TYPE_OBJECT)?;
    // Its type and number.
    let mut rest = body.get(8..)?;
    loop {
        let [key, _flags] = words(rest)?;
        let (length, kind, body) = header(rest.get(8..)?)?;
        let value = body.get(..length)?;
        if key == wanted && kind == TYPE_CHOICE {
            // Kind of choice, flags, and the head of what is chosen from.
            return value.get(16..);
        }
        if key == wanted {
            return Some(value);
        }
        rest = body.get(length.next_multiple_of(8)..)?;
    }
}

fn header(pod: &[u8]) -> Option<(usize, u32, &[u8])> {
    let [length, kind] = words(pod)?;
    Some((usize::try_from(length).ok()?, kind, pod.get(8..)?))
}

fn words<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    let mut words = bytes.as_chunks::<4>().0.iter();
    let mut found = [0; N];
    for word in &mut found {
        *word = u32::from_ne_bytes(*words.next()?);
    }
    Some(found)
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_ne_bytes()).collect()
}

fn value(kind: u32, body: &[u8]) -> Vec<u8> {
    let mut pod = bytes(&[body.len() as u32, kind]);
    pod.extend(body);
    pod.resize(pod.len().next_multiple_of(8), 0);
    pod
}

/// The first is what is liked best.
fn choice(kind: u32, of: u32, values: &[Vec<u8>]) -> Vec<u8> {
    let size = values.first().map_or(0, Vec::len) as u32;
    let head = bytes(&[kind, 0, size, of]);
    value(TYPE_CHOICE, &[head, values.concat()].concat())
}

fn object(kind: u32, id: u32, properties: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut body = bytes(&[kind, id]);
    for (key, value) in properties {
        body.extend(bytes(&[*key, 0]));
        body.extend(value);
    }
    value(TYPE_OBJECT, &body)
}

// `spa/utils/type.h`.
const TYPE_ID: u32 = 3;
const TYPE_INT: u32 = 4;
const TYPE_RECTANGLE: u32 = 10;
const TYPE_FRACTION: u32 = 11;
const TYPE_OBJECT: u32 = 15;
const TYPE_CHOICE: u32 = 19;
const OBJECT_FORMAT: u32 = 0x4_0003;
const OBJECT_BUFFERS: u32 = 0x4_0004;
const OBJECT_META: u32 = 0x4_0005;
// `spa/pod/pod.h`.
const CHOICE_RANGE: u32 = 1;
const CHOICE_ENUM: u32 = 3;
const CHOICE_FLAGS: u32 = 4;
// `spa/param/param.h`.
const PARAM_ENUM_FORMAT: u32 = 3;
const PARAM_BUFFERS: u32 = 5;
const PARAM_META: u32 = 6;
// `spa/param/format.h` and `spa/param/buffers.h`.
const MEDIA_VIDEO: u32 = 2;
const MEDIA_RAW: u32 = 1;
const KEY_MEDIA_TYPE: u32 = 1;
const KEY_MEDIA_SUBTYPE: u32 = 2;
const KEY_VIDEO_FORMAT: u32 = 0x2_0001;
const KEY_VIDEO_SIZE: u32 = 0x2_0003;
const KEY_VIDEO_RATE: u32 = 0x2_0004;
const KEY_BUFFERS_SIZE: u32 = 3;
const KEY_BUFFERS_STRIDE: u32 = 4;
const KEY_BUFFERS_DATA_TYPE: u32 = 6;
const KEY_META_TYPE: u32 = 1;
const KEY_META_SIZE: u32 = 2;
/// Whatever is too large is refused in words later.
const LARGEST: u32 = 16_384;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// BGRx of 1920 by 1080, as `spa_format_video_raw_build` writes it.
    fn fixed() -> Vec<u8> {
        bytes(&[
            128, 15, 0x4_0003, 4, // object, format
            1, 0, 4, 3, 2, 0, // media type: video
            2, 0, 4, 3, 1, 0, // subtype: raw
            0x2_0001, 0, 4, 3, 8, 0, // BGRx
            0x2_0003, 0, 8, 10, 1920, 1080, // size
            0x2_0004, 0, 8, 11, 60, 1, // rate
        ])
    }

    #[test]
    fn what_was_agreed_on_is_read() {
        assert_eq!(agreed(&fixed()), Some((8, [1920, 1080])));
    }

    #[test]
    fn of_choices_the_first_is_read() {
        assert_eq!(agreed(&wanted(&[8, 12])), Some((8, [1_280, 720])));
    }

    #[test]
    fn a_request_has_the_bytes_that_the_library_expects() {
        let expected = bytes(&[
            56, 15, 0x4_0005, 6, // object, meta
            1, 0, 4, 3, 2, 0, // type
            2, 0, 4, 4, 16, 0, // size
        ]);
        assert_eq!(cropped(2, 16), expected);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_fault(pod: Vec<u8>) {
            agreed(&pod);
        }

        #[test]
        fn a_broken_format_is_no_fault(at in 0_usize..128, value: u8) {
            let mut pod = fixed();
            pod[at] = value;
            agreed(&pod);
        }
    }
}
