//! What keeps others from changing a conference, and what does not, in words (N-05).

/// Of one that stands in a directory, or is only announced.
pub const fn sentence(is_in_directory: bool) -> &'static str {
    if is_in_directory {
        "Only its owner, and those they name, can change it in the directory."
    } else {
        "None: it is in no directory. Anybody on the network can announce something else in its place, \
         and it is gone when nobody announces it."
    }
}
