//! The icons of pictures: cameras, sharing, arrangements.
use super::Pen;

impl Pen<'_> {
    pub(super) fn camera(&self) {
        self.rounded((2.2, 5.0), (12.6, 15.0), 2.0);
        self.closed(&[(12.6, 9.0), (17.6, 6.0), (17.6, 14.0), (12.6, 11.0)]);
    }

    /// A screen with an arrow out of it.
    pub(super) fn share(&self) {
        self.lines(&[
            &[
                (6.6, 4.0),
                (2.5, 4.0),
                (2.5, 14.2),
                (17.5, 14.2),
                (17.5, 4.0),
                (13.4, 4.0),
            ],
            &[(10., 10.8), (10., 2.4)],
            &[(7.2, 5.2), (10., 2.4), (12.8, 5.2)],
            &[(6.6, 17.2), (13.4, 17.2)],
        ]);
    }

    pub(super) fn grid(&self) {
        for (x, y) in [(3.0, 3.0), (11.0, 3.0), (3.0, 11.0), (11.0, 11.0)] {
            self.rounded((x, y), (x + 6.0, y + 6.0), 1.4);
        }
    }

    /// One large tile above three small ones.
    pub(super) fn speaker_view(&self) {
        self.rounded((3.0, 3.0), (17.0, 11.4), 1.6);
        for x in [3.0, 8.2, 13.4] {
            self.rounded((x, 13.8), (x + 3.6, 17.0), 0.9);
        }
    }

    pub(super) fn full_screen(&self) {
        self.lines(&[
            &[(3., 7.5), (3., 3.), (7.5, 3.)],
            &[(12.5, 3.), (17., 3.), (17., 7.5)],
            &[(17., 12.5), (17., 17.), (12.5, 17.)],
            &[(7.5, 17.), (3., 17.), (3., 12.5)],
        ]);
    }

    pub(super) fn pin(&self) {
        self.lines(&[
            &[(6.2, 3.0), (13.8, 3.0)],
            &[
                (7.8, 3.0),
                (7.8, 8.4),
                (5.2, 11.4),
                (14.8, 11.4),
                (12.2, 8.4),
                (12.2, 3.0),
            ],
            &[(10., 11.4), (10., 17.4)],
        ]);
    }

    /// A window before another.
    pub(super) fn window(&self) {
        self.lines(&[&[(8., 13.), (3., 13.), (3., 3.), (15., 3.), (15., 7.)]]);
        self.rounded((8.0, 9.0), (17.4, 17.0), 1.2);
    }

    pub(super) fn pause(&self) {
        self.lines(&[&[(7., 4.5), (7., 15.5)], &[(13., 4.5), (13., 15.5)]]);
    }

    /// A picture: a sun over hills.
    pub(super) fn picture(&self) {
        self.rounded((2.6, 3.6), (17.4, 16.4), 1.6);
        self.circle((7.0, 7.8), 1.5);
        self.lines(&[&[
            (3., 14.6),
            (7.4, 10.8),
            (10.2, 13.2),
            (13.2, 9.4),
            (17.2, 13.6),
        ]]);
    }
}
