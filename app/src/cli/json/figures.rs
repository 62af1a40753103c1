//! Figures of a conference: how everybody is received, and how good what we send is and may be.
use std::time::Duration;

use conf_core::{
    ConferenceSnapshot, Control, Layer, LayerStatus, Person, Property, Size, StreamQuality,
    VideoSenderStatus, VideoSourceStatus,
};
use serde_json::{Value, json};

/// What `left` and `statistics` tell.
pub(super) fn statistics(snapshot: &ConferenceSnapshot) -> Value {
    let totals = snapshot.statistics;
    let one = |person: &Person| {
        let reception = person.reception;
        json!({
            "id": person.id.0,
            "name": person.display_name(),
            "packets": reception.packets,
            "loss_percent": reception.loss_percent,
            "jitter_ms": reception.jitter.as_secs_f64() * 1000.0,
            "delay_ms": reception.delay.as_secs_f64() * 1000.0,
            "concealed_ms": reception.concealed.as_secs_f64() * 1000.0,
            "video": person.video.as_ref().map(received),
            "screen": person.screen.as_ref().map(received),
        })
    };
    json!({
        "rtp_sent": totals.rtp_sent,
        "rtp_received": totals.rtp_received,
        "refused": totals.refused,
        "audio_dropped": totals.audio_dropped,
        "video": snapshot.me.video.as_ref().map(|video| sent(video, &snapshot.me.quality)),
        "screen": snapshot.me.screen.as_ref().map(|screen| sent(screen, &snapshot.me.quality)),
        "people": snapshot.people.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The word for a layer that scripts may rely on.
pub(super) const fn layer_word(layer: Layer) -> &'static str {
    match layer {
        Layer::Thumbnail => "thumbnail",
        Layer::Full => "full",
        Layer::Screen => "screen",
    }
}

/// What is to be seen in a layer.
pub(super) const fn pictures_word(layer: Layer) -> &'static str {
    match layer {
        Layer::Thumbnail | Layer::Full => "camera",
        Layer::Screen => "screen",
    }
}

/// Somebody's pictures.
fn received(video: &VideoSourceStatus) -> Value {
    let figures = video.statistics;
    json!({
        "layer": layer_word(video.id.layer),
        "width": figures.size.width,
        "height": figures.size.height,
        "bit_rate": figures.bit_rate,
        "frame_rate": figures.frame_rate,
        "packets": figures.packets,
        "lost": figures.lost,
        "decoded": figures.decoded,
        "skipped": figures.skipped,
        "shed": figures.shed,
        "freezes": figures.freezes,
        "is_weak": figures.is_weak,
        "overtaken": figures.overtaken,
        "lip_sync_ms": figures.lip_sync.map(|sync| sync.shown_ms),
        "decode_ms": figures.decode_time.as_secs_f64() * 1000.0,
    })
}

/// Our own.
fn sent(video: &VideoSenderStatus, qualities: &[StreamQuality]) -> Value {
    let layer = |layer: &LayerStatus| {
        let mut of = qualities.iter();
        let properties = of.find(|quality| quality.layer == layer.layer);
        json!({
            "layer": layer_word(layer.layer),
            "is_paused": layer.is_paused,
            "width": layer.size.width,
            "height": layer.size.height,
            "encoded": layer.encoded,
            "keyframes": layer.keyframes,
            "keyframes_requested": layer.requested,
            "bit_rate": layer.bit_rate,
            "max_bit_rate": layer.max_bit_rate,
            "frame_rate": layer.frame_rate,
            "max_frame_rate": layer.max_frame_rate,
            "bytes": layer.bytes,
            "failed": layer.failed,
            "encode_ms": layer.encode_time.as_secs_f64() * 1000.0,
            "quality": properties.map(quality),
        })
    };
    json!({
        "source": video.source.to_string(),
        "captured": video.captured,
        "overtaken": video.overtaken,
        "layers": video.layers.iter().map(layer).collect::<Vec<_>>(),
    })
}

/// The properties of a stream, each with its range and who decides.
fn quality(quality: &StreamQuality) -> Value {
    let bits = |property: &Property<u32>| told(property, |bits| json!(bits));
    let interval = |property: &Property<Duration>| {
        told(property, |interval| {
            json!((interval.as_secs_f64() * 1e6).round() / 1e3)
        })
    };
    let size = |property: &Property<Size>| told(property, |size| json!(size.to_string()));
    json!({
        "max_bit_rate": bits(&quality.max_bit_rate),
        "curr_bit_rate": bits(&quality.curr_bit_rate),
        "min_frame_interval_ms": interval(&quality.min_frame_interval),
        "avg_frame_interval_ms": interval(&quality.avg_frame_interval),
        "max_size": size(&quality.max_size),
        "curr_size": size(&quality.curr_size),
    })
}

fn told<T>(property: &Property<T>, write: impl Fn(&T) -> Value) -> Value {
    let control = match property.control {
        Control::Automatic => "auto",
        Control::Manual => "manual",
        Control::None => "none",
    };
    json!({
        "value": property.value.as_ref().map(&write),
        "least": write(&property.least),
        "most": write(&property.most),
        "control": control,
    })
}
