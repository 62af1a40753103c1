//! Pictures that the person keeps, as files among the person's pictures.
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use jiff::Zoned;

use super::Worker;
use crate::model::{Done, Event, Failure, Still};
use crate::ui::pictures::rgb;

impl Worker {
    pub(super) fn save_picture(&self, still: &Still) {
        let saved = folder().and_then(|folder| {
            let path = free_path(&folder, &still.name, &Zoned::now());
            save(still, &path).map(|()| path)
        });
        match saved {
            Ok(path) => self.outbox.push(Event::Done(Done::PictureSaved(path))),
            Err(error) => self.fail(Failure::SavePicture(error.to_string())),
        }
    }
}

/// The person's folder of pictures, or where the program keeps its own things.
fn folder() -> io::Result<PathBuf> {
    let pictures = directories::UserDirs::new()
        .and_then(|dirs| dirs.picture_dir().map(Path::to_owned))
        .filter(|folder| folder.is_dir());
    let folder = pictures.or_else(|| Some(crate::paths::data_dir()?.join("pictures")));
    let folder = folder.ok_or_else(|| io::Error::other("there is no folder for pictures"))?;
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// `Bo Nilsson 2026-03-12 08.10.00.png`, of which none is replaced.
fn free_path(folder: &Path, name: &str, at: &Zoned) -> PathBuf {
    let is_harmless = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let name: String = name.chars().filter(|c| is_harmless(*c)).take(60).collect();
    let stem = format!("{} {}", name.trim(), at.strftime("%Y-%m-%d %H.%M.%S"));
    let path = |number: u32| match number {
        0 => folder.join(format!("{stem}.png")),
        number => folder.join(format!("{stem} ({number}).png")),
    };
    let free = (0..1_000).map(path).find(|path| !path.exists());
    free.unwrap_or_else(|| path(0))
}

fn save(still: &Still, path: &Path) -> io::Result<()> {
    let size = still.picture.size();
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rgb(&still.picture))?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use conf_core::{PicturePool, Plane, Size};

    use super::*;

    fn still(name: &str) -> Still {
        let mut buffer = PicturePool::default().take(Size::new(6, 4), Instant::now());
        for (plane, value) in Plane::ALL.into_iter().zip([81, 90, 240]) {
            buffer.plane_mut(plane).fill(value);
        }
        Still {
            name: name.to_owned(),
            picture: buffer.finish(),
        }
    }

    #[test]
    fn a_kept_picture_is_read_back_in_its_colours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("red.png");
        save(&still("Bo"), &path).unwrap();
        let file = io::BufReader::new(File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; 6 * 4 * 3];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (6, 4));
        assert!(pixels.chunks(3).all(|pixel| pixel[0] > 250 && pixel[1] < 4));
    }

    #[test]
    fn names_are_made_harmless_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at: Zoned = "2026-03-12T08:10:00+01:00[+01:00]".parse().unwrap();
        let path = free_path(folder.path(), "../Bo: \"N\"/", &at);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, "Bo N 2026-03-12 08.10.00.png");
        std::fs::write(&path, "").unwrap();
        let next = free_path(folder.path(), "Bo N", &at);
        let name = next.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, "Bo N 2026-03-12 08.10.00 (1).png");
    }
}
