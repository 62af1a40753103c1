//! From the samples of a picture to red, green and blue: one matrix and one offset, for the shader and for the processor.
use conf_core::{Colours, Matrix};

/// `rgb = rows · (yuv − offset)`, all of them from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ToRgb {
    /// Red, green and blue, each of Y, U and V.
    pub(super) rows: [[f32; 3]; 3],
    /// Black of Y, and no colour of U and V.
    pub(super) offset: [f32; 3],
}

impl ToRgb {
    /// What the colours of a picture need (ITU-R BT.601-7 section 2.5 and BT.709-6 section 3; full range as in JFIF).
    pub(super) fn of(colours: Colours) -> Self {
        let (red, blue) = match colours.matrix {
            Matrix::Bt601 => (0.299_f32, 0.114_f32),
            Matrix::Bt709 => (0.2126, 0.0722),
        };
        let green = 1.0 - red - blue;
        let (luma, chroma, black) = if colours.is_full_range {
            (1.0, 1.0, 0.0)
        } else {
            (255.0 / 219.0, 255.0 / 224.0, 16.0 / 255.0)
        };
        let of_v = 2.0 * (1.0 - red) * chroma;
        let of_u = 2.0 * (1.0 - blue) * chroma;
        Self {
            rows: [
                [luma, 0.0, of_v],
                [luma, -of_u * blue / green, -of_v * red / green],
                [luma, of_u, 0.0],
            ],
            offset: [black, 128.0 / 255.0, 128.0 / 255.0],
        }
    }

    /// Column after column, as OpenGL takes it.
    pub(super) fn columns(&self) -> [f32; 9] {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.rows;
        [a, d, g, b, e, h, c, f, i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl ToRgb {
        fn rgb(&self, yuv: [u8; 3]) -> [u8; 3] {
            let centred: Vec<f32> = yuv
                .iter()
                .zip(self.offset)
                .map(|(sample, offset)| f32::from(*sample) / 255.0 - offset)
                .collect();
            self.rows.map(|row| {
                let sum: f32 = row.iter().zip(&centred).map(|(a, b)| a * b).sum();
                (sum.clamp(0.0, 1.0) * 255.0).round() as u8
            })
        }
    }

    /// Colour bars at 100 %, as the recommendations' own equations give them in whole numbers.
    const BARS: [(Matrix, bool, [u8; 3], [u8; 3]); 14] = [
        (Matrix::Bt601, false, [235, 128, 128], [255, 255, 255]),
        (Matrix::Bt601, false, [16, 128, 128], [0, 0, 0]),
        (Matrix::Bt601, false, [81, 90, 240], [255, 0, 0]),
        (Matrix::Bt601, false, [145, 54, 34], [0, 255, 0]),
        (Matrix::Bt601, false, [41, 240, 110], [0, 0, 255]),
        (Matrix::Bt709, false, [235, 128, 128], [255, 255, 255]),
        (Matrix::Bt709, false, [63, 102, 240], [255, 0, 0]),
        (Matrix::Bt709, false, [173, 42, 26], [0, 255, 0]),
        (Matrix::Bt709, false, [32, 240, 118], [0, 0, 255]),
        (Matrix::Bt601, true, [255, 128, 128], [255, 255, 255]),
        (Matrix::Bt601, true, [0, 128, 128], [0, 0, 0]),
        (Matrix::Bt601, true, [76, 85, 255], [255, 0, 0]),
        (Matrix::Bt601, true, [150, 44, 21], [0, 255, 0]),
        (Matrix::Bt709, true, [18, 255, 116], [0, 0, 255]),
    ];

    #[test]
    fn colour_bars_come_out_as_they_went_in() {
        for (matrix, is_full_range, yuv, rgb) in BARS {
            let to_rgb = ToRgb::of(Colours {
                matrix,
                is_full_range,
            });
            let found = to_rgb.rgb(yuv);
            let is_near = found.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 2);
            assert!(is_near, "{matrix:?} {is_full_range} {yuv:?}: {found:?}");
        }
    }

    #[test]
    fn the_usual_coefficients_are_these() {
        // As they are printed everywhere for BT.601 and BT.709 of limited range.
        let table = [
            (Matrix::Bt601, [1.164, 1.596, -0.392, -0.813, 2.017]),
            (Matrix::Bt709, [1.164, 1.793, -0.213, -0.533, 2.112]),
        ];
        for (matrix, printed) in table {
            let [[y, _, rv], [_, gu, gv], [_, bu, _]] = ToRgb::of(Colours {
                matrix,
                is_full_range: false,
            })
            .rows;
            for (found, printed) in [y, rv, gu, gv, bu].into_iter().zip(printed) {
                assert!((found - printed).abs() < 0.001, "{matrix:?} {found}");
            }
        }
    }

    #[test]
    fn columns_are_the_rows_turned() {
        let to_rgb = ToRgb {
            rows: [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]],
            offset: [0.0; 3],
        };
        let columns = [1.0, 4.0, 7.0, 2.0, 5.0, 8.0, 3.0, 6.0, 9.0];
        assert_eq!(to_rgb.columns(), columns);
    }
}
