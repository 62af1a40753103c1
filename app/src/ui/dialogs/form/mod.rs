//! The form that creates or edits a conference: what is typed, and the draft that it amounts to.
mod paint;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::model::{Clash, Clock, Draft, DraftFault, EntryId, Plan, Scope};
use crate::notice;

pub(super) use paint::show;

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So long after the start.
    Minutes(u16),
    /// At a date and time.
    Until,
}

impl Length {
    /// The lengths offered, with their words.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Minutes(30), "30 min"),
        (Self::Minutes(60), "1 hour"),
        (Self::Minutes(120), "2 hours"),
        (Self::Minutes(480), "8 hours"),
        (Self::Until, "Until…"),
    ];
}

/// A date and a time as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// `2026-03-12`.
    pub date: String,
    /// `09:00`.
    pub time: String,
}

/// What is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// The conference being edited; none while creating.
    pub target: Option<EntryId>,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Begins when it is published.
    pub is_starting_now: bool,
    /// Else begins here.
    pub start: Typed,
    /// When it ends.
    pub length: Length,
    /// Where [`Length::Until`] is chosen.
    pub end: Typed,
    /// How far it reaches.
    pub scope: Scope,
    /// How far the one that is edited reached before.
    pub scope_before: Option<Scope>,
    /// Whether people are seen as well as heard.
    pub has_video: bool,
    /// Whether pictures come with repair packets.
    pub has_repair: bool,
    /// Not yet shown, so that the first field gets the focus.
    pub is_fresh: bool,
    /// Publishing was tried, so that missing things are pointed out.
    pub is_tried: bool,
    /// Sent off, waiting for the answer.
    pub is_waiting: bool,
    /// Why publishing failed.
    pub refusal: Option<String>,
    /// The plan about which was asked last.
    pub asked: Option<Plan>,
    /// What it meets.
    pub clashes: Vec<Clash>,
}

/// A time as read, or what is wrong with how it is written.
type Read = Result<Timestamp, &'static str>;

/// What is wrong, by the field it stands under.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Under the name.
    pub name: Option<&'static str>,
    /// Under the start.
    pub start: Option<&'static str>,
    /// Under the end.
    pub end: Option<&'static str>,
}

impl Form {
    /// An empty form: starts now, one hour, this site.
    pub fn create(clock: &Clock) -> Self {
        let start = next_half_hour(clock.wall);
        Self {
            target: None,
            name: String::new(),
            description: String::new(),
            is_starting_now: true,
            start: Typed::new(start, &clock.zone),
            length: Length::Minutes(60),
            end: Typed::new(start + jiff::SignedDuration::from_hours(1), &clock.zone),
            scope: Scope::default(),
            scope_before: None,
            has_video: true,
            has_repair: false,
            is_fresh: true,
            is_tried: false,
            is_waiting: false,
            refusal: None,
            asked: None,
            clashes: Vec::new(),
        }
    }

    /// A form that holds `draft`.
    pub fn edit(id: &EntryId, draft: &Draft, clock: &Clock) -> Self {
        let minutes = (draft.end.as_second() - draft.start.as_second()) / 60;
        let length = u16::try_from(minutes).map_or(Length::Until, Length::Minutes);
        let is_offered = Length::ALL.iter().any(|(offered, _)| *offered == length);
        Self {
            target: Some(id.clone()),
            name: draft.name.clone(),
            description: draft.description.clone(),
            is_starting_now: false,
            start: Typed::new(draft.start, &clock.zone),
            length: if is_offered { length } else { Length::Until },
            end: Typed::new(draft.end, &clock.zone),
            scope: draft.scope,
            scope_before: Some(draft.scope),
            has_video: draft.has_video,
            has_repair: draft.has_repair,
            ..Self::create(clock)
        }
    }

    /// Takes the answer that publishing failed.
    pub fn refuse(&mut self, reason: &str) {
        self.is_waiting = false;
        self.refusal = Some(reason.to_owned());
    }

    /// The draft, or what keeps it from being one.
    pub fn draft(&self, clock: &Clock) -> Result<Draft, Faults> {
        let (start, end) = self.times(clock);
        let mut faults = Faults {
            name: None,
            start: start.err(),
            end: end.err(),
        };
        let draft = Draft {
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            start: start.unwrap_or(clock.wall),
            end: end.unwrap_or(Timestamp::MAX),
            scope: self.scope,
            has_video: self.has_video,
            has_repair: self.has_video && self.has_repair,
        };
        faults.note(draft.fault(clock.wall));
        if faults == Faults::default() {
            Ok(draft)
        } else {
            Err(faults)
        }
    }

    /// When and how far, as soon as the times can be read; to the minute, so that it holds for one.
    pub fn plan(&self, clock: &Clock) -> Option<Plan> {
        let (Ok(start), Ok(end)) = self.times(clock) else {
            return None;
        };
        let whole_minute = |at: Timestamp| {
            let second = at.as_second();
            Timestamp::from_second(second - second.rem_euclid(60)).unwrap_or(at)
        };
        let plan = Plan {
            target: self.target.clone(),
            start: whole_minute(start),
            end: whole_minute(end),
            scope: self.scope,
            has_video: self.has_video,
        };
        (plan.start < plan.end).then_some(plan)
    }

    /// Takes the answer to what was asked last.
    pub fn foresee(&mut self, plan: &Plan, clashes: &[Clash]) {
        if self.asked.as_ref() == Some(plan) {
            self.clashes = clashes.to_vec();
        }
    }

    fn times(&self, clock: &Clock) -> (Read, Read) {
        let start = if self.is_starting_now {
            Ok(clock.wall)
        } else {
            self.start.parse(&clock.zone)
        };
        let end = match (self.length, &start) {
            (Length::Until, _) => self.end.parse(&clock.zone),
            (Length::Minutes(minutes), Ok(start)) => {
                Ok(*start + jiff::SignedDuration::from_mins(minutes.into()))
            }
            (Length::Minutes(_), Err(_)) => Ok(Timestamp::MAX),
        };
        (start, end)
    }

    /// What to point out now: not yet what was never tried.
    fn visible_faults(&self, clock: &Clock) -> Faults {
        let mut faults = self.draft(clock).err().unwrap_or_default();
        if !self.is_tried && self.name.is_empty() {
            faults.name = None;
        }
        faults
    }
}

impl Faults {
    fn note(&mut self, fault: Option<DraftFault>) {
        let Some(fault) = fault else {
            return;
        };
        let words = Some(notice::draft_fault(fault));
        match fault {
            DraftFault::NoName | DraftFault::LongName => self.name = words,
            DraftFault::EndsBeforeStart | DraftFault::AlreadyOver => {
                self.end = self.end.or(words);
            }
        }
    }
}

impl Typed {
    /// As one would type `at`.
    pub fn new(at: Timestamp, zone: &TimeZone) -> Self {
        let at = at.to_zoned(zone.clone());
        Self {
            date: at.strftime("%Y-%m-%d").to_string(),
            time: at.strftime("%H:%M").to_string(),
        }
    }

    fn parse(&self, zone: &TimeZone) -> Result<Timestamp, &'static str> {
        let date = Date::strptime("%Y-%m-%d", self.date.trim())
            .map_err(|_| "Write the date as year-month-day, such as 2026-03-12.")?;
        let time = Time::strptime("%H:%M", self.time.trim())
            .map_err(|_| "Write the time as hours:minutes, such as 09:00.")?;
        date.to_datetime(time)
            .to_zoned(zone.clone())
            .map(|zoned| zoned.timestamp())
            .map_err(|_| "This date is out of range.")
    }
}

fn next_half_hour(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    let next = second - second.rem_euclid(1800) + 1800;
    Timestamp::from_second(next).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock {
            wall: "2026-03-12T08:10:00Z".parse().unwrap(),
            steady: std::time::Instant::now(),
            zone: TimeZone::fixed(jiff::tz::offset(1)),
        }
    }

    fn named() -> Form {
        Form {
            name: " Standup ".to_owned(),
            ..Form::create(&clock())
        }
    }

    #[test]
    fn plain_default_starts_now_and_lasts_an_hour() {
        let draft = named().draft(&clock()).unwrap();
        assert_eq!(draft.name, "Standup");
        assert_eq!(draft.start, clock().wall);
        assert_eq!(draft.end, "2026-03-12T09:10:00Z".parse().unwrap());
        assert_eq!(draft.scope, Scope::Site);
    }

    #[test]
    fn typed_times_are_in_the_zone_of_the_person() {
        let form = Form {
            is_starting_now: false,
            ..named()
        };
        assert_eq!(form.start.time, "09:30");
        let draft = form.draft(&clock()).unwrap();
        assert_eq!(draft.start, "2026-03-12T08:30:00Z".parse().unwrap());
    }

    #[test]
    fn missing_name_is_pointed_out_only_after_trying() {
        let form = Form::create(&clock());
        assert_eq!(form.visible_faults(&clock()), Faults::default());
        let tried = Form {
            is_tried: true,
            ..form
        };
        assert!(tried.visible_faults(&clock()).name.is_some());
    }

    #[test]
    fn unreadable_date_and_time_are_told_apart() {
        let mut form = Form {
            is_starting_now: false,
            ..named()
        };
        form.start.date = "tomorrow".to_owned();
        assert!(
            form.draft(&clock())
                .unwrap_err()
                .start
                .unwrap()
                .contains("date")
        );
        form.start = Typed {
            date: "2026-03-12".to_owned(),
            time: "9 am".to_owned(),
        };
        assert!(
            form.draft(&clock())
                .unwrap_err()
                .start
                .unwrap()
                .contains("time")
        );
    }

    #[test]
    fn end_must_come_after_the_start() {
        let mut form = Form {
            is_starting_now: false,
            length: Length::Until,
            ..named()
        };
        form.end = form.start.clone();
        let faults = form.draft(&clock()).unwrap_err();
        assert!(faults.end.unwrap().contains("after the start"));
    }

    #[test]
    fn editing_starts_from_what_was_published() {
        let repaired = Form {
            has_repair: true,
            ..named()
        };
        let draft = repaired.draft(&clock()).unwrap();
        assert!(draft.has_repair);
        let id = EntryId("a".to_owned());
        let form = Form::edit(&id, &draft, &clock());
        assert_eq!(form.length, Length::Minutes(60));
        assert_eq!(form.draft(&clock()).unwrap(), draft);
        let odd = Draft {
            end: draft.start + jiff::SignedDuration::from_mins(47),
            ..draft
        };
        let form = Form::edit(&id, &odd, &clock());
        assert_eq!(form.length, Length::Until);
        assert_eq!(form.draft(&clock()).unwrap(), odd);
    }
}
