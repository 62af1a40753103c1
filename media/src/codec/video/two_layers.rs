//! A second of pictures, to every second of which no other refers, as programs send them that code two temporal layers.
use crate::payload::h264::{NalType, nal_units};

const STREAM: &[u8] = include_bytes!("../../../../tests/vectors/h264/two_layers_openh264.h264");

/// The NAL units of each.
pub(crate) fn two_layers() -> Vec<Vec<Vec<u8>>> {
    let mut pictures = Vec::new();
    let mut units = Vec::new();
    for unit in nal_units(STREAM) {
        units.push(unit.bytes.to_vec());
        if matches!(unit.nal_type(), NalType::Slice | NalType::IdrSlice) {
            pictures.push(std::mem::take(&mut units));
        }
    }
    pictures
}
