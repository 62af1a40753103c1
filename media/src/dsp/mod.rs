//! Signal processing that knows nothing of packets and devices.
pub mod resample;
