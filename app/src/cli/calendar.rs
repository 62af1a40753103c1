//! `rendezvous calendar`: what is held when, and how much of each scope's bandwidth that takes.
use std::io::Write as _;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use conf_core::calendar::{self, Booking, Budget, Load};
use conf_core::{Activity, CatalogueEntry, Scope, Station};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use serde_json::{Value, json};

use super::args::CalendarArguments;
use super::failure::Failure;
use super::stop::Waiter;
use super::text::{grouped, shown};
use super::{clash, hearing, json as written};
use crate::host;

pub(super) fn run(arguments: &CalendarArguments) -> Result<(), Failure> {
    let span = span(arguments, &Zoned::now())?;
    let waiter = Waiter::new()?;
    let station = start(arguments, &waiter)?;
    hearing::listen(&station, &waiter, |station| !station.catalogue().is_empty());
    host::tell_network(&station, &mut None);
    let known = station.catalogue();
    let plan = Plan::new(&known, span, clash::budget());
    let mut out = std::io::stdout().lock();
    let written = if arguments.json {
        let objects = plan.json(SystemTime::now());
        objects
            .iter()
            .try_for_each(|object| writeln!(out, "{object}"))
    } else {
        let zone = TimeZone::system();
        out.write_all(plan.text(&zone, SystemTime::now()).as_bytes())
    };
    written.and_then(|()| out.flush()).map_err(Failure::other)?;
    drop(out);
    if !arguments.json {
        host::tell_directories(&station);
    }
    station.shutdown();
    Ok(())
}

fn start(arguments: &CalendarArguments, waiter: &Waiter) -> Result<Station, Failure> {
    let directories = arguments.choice.configs()?;
    let interface = arguments.network.interface.clone();
    host::start_station(interface, directories, false, waiter.waker())
}

/// Days are as long as they are in the user's zone.
fn span(arguments: &CalendarArguments, now: &Zoned) -> Result<Range<SystemTime>, Failure> {
    let from = match &arguments.from {
        Some(from) => {
            let from = from.resolve(now).map_err(Failure::other)?;
            let from = Timestamp::try_from(from).map_err(Failure::other)?;
            from.to_zoned(now.time_zone().clone())
        }
        None => now.start_of_day().map_err(Failure::other)?,
    };
    let until = from.checked_add(i64::from(arguments.days).days());
    let until = until.map_err(Failure::other)?;
    Ok(from.timestamp().into()..until.timestamp().into())
}

/// What is held within a span, and the load of each scope where anything is.
struct Plan<'a> {
    known: &'a [Arc<CatalogueEntry>],
    span: Range<SystemTime>,
    agenda: Vec<Booking>,
    loads: Vec<(Scope, u64, Vec<Load>)>,
}

impl<'a> Plan<'a> {
    fn new(known: &'a [Arc<CatalogueEntry>], span: Range<SystemTime>, budget: Budget) -> Self {
        let agenda = calendar::agenda(known, &span);
        let scopes = [Scope::Room, Scope::Site, Scope::Organisation, Scope::World];
        let loads = scopes.map(|scope| (scope, budget.of(scope), calendar::load(&agenda, scope)));
        Self {
            known,
            span,
            loads: loads
                .into_iter()
                .filter(|(.., loads)| !loads.is_empty())
                .collect(),
            agenda,
        }
    }

    fn text(&self, zone: &TimeZone, now: SystemTime) -> String {
        if self.agenda.is_empty() {
            return "Nothing is planned.\n".to_owned();
        }
        let mut text = String::new();
        let mut day = String::new();
        for booking in &self.agenda {
            let on = at(booking.time.start, zone, "%a %Y-%m-%d");
            if on != day {
                text += &format!("{on}\n");
                day = on;
            }
            text += &self.line(booking, zone, now);
        }
        text += "\nLoad\n";
        for (scope, budget, loads) in &self.loads {
            text += &format!(
                "{}, which bears {} kbit/s\n",
                scope.name(),
                grouped(*budget)
            );
            for load in loads {
                text += &self.load_line(load, *budget, zone);
            }
        }
        text
    }

    fn line(&self, booking: &Booking, zone: &TimeZone, now: SystemTime) -> String {
        let about = if booking.demand.is_estimate {
            "about "
        } else {
            ""
        };
        let state = match state(booking, now) {
            "past" => "  over",
            "current" => "  on now",
            _ => "",
        };
        let rate = format!("{about}{} kbit/s", grouped(booking.demand.kbit_per_s));
        let line = format!(
            "  {:<22}  {:<32}  {:<12}  {rate:>18}{state}",
            self.times(&booking.time, zone),
            shown(&booking.name),
            booking.scope.name(),
        );
        format!("{}\n", line.trim_end())
    }

    fn load_line(&self, load: &Load, budget: u64, zone: &TimeZone) -> String {
        let day = at(load.time.start, zone, "%a %Y-%m-%d");
        let times = self.times(&load.time, zone);
        let rate = format!("{} kbit/s", grouped(load.kbit_per_s));
        let line = format!("{day} {times:<22}  {rate:>14}");
        let Some(over @ 1..) = load.kbit_per_s.checked_sub(budget) else {
            return format!("    {line}\n");
        };
        let names: Vec<String> = load.conferences.iter().map(|id| self.name(*id)).collect();
        format!(
            "  ! {line}, {} too much: {}\n",
            grouped(over),
            names.join(", ")
        )
    }

    fn name(&self, id: conf_core::ConferenceId) -> String {
        let entry = self.known.iter().find(|entry| entry.id == id);
        entry.map_or_else(
            || id.to_string(),
            |entry| format!("“{}”", shown(&entry.description.name)),
        )
    }

    /// `14:00–15:00`, `22:00–Wed 02:00`; what goes on before or after the span has no beginning or end.
    fn times(&self, time: &Range<SystemTime>, zone: &TimeZone) -> String {
        let (is_from_before, goes_on) = (time.start <= self.span.start, time.end >= self.span.end);
        let start = at(time.start, zone, "%H:%M");
        let is_same_day = at(time.start, zone, "%F") == at(time.end, zone, "%F");
        let end = at(
            time.end,
            zone,
            if is_same_day { "%H:%M" } else { "%a %d %H:%M" },
        );
        match (is_from_before, goes_on) {
            (true, true) => "all the time".to_owned(),
            (true, false) => format!("until {end}"),
            (false, true) => format!("from {start} on"),
            (false, false) => format!("{start}–{end}"),
        }
    }

    fn json(&self, now: SystemTime) -> Vec<Value> {
        let bookings = self.agenda.iter().map(|booking| {
            json!({
                "event": "held",
                "id": booking.id.to_string(),
                "name": booking.name,
                "scope": booking.scope.name(),
                "activity": state(booking, now),
                "start": written::time(booking.time.start),
                "stop": written::time(booking.time.end),
                "kbit_per_s": booking.demand.kbit_per_s,
                "is_estimate": booking.demand.is_estimate,
            })
        });
        let loads = self.loads.iter().flat_map(|(scope, budget, loads)| {
            loads.iter().map(move |load| {
                let ids = load.conferences.iter().map(ToString::to_string);
                json!({
                    "event": "load",
                    "scope": scope.name(),
                    "start": written::time(load.time.start),
                    "stop": written::time(load.time.end),
                    "kbit_per_s": load.kbit_per_s,
                    "budget_kbit_per_s": budget,
                    "is_over": load.kbit_per_s > *budget,
                    "conferences": ids.collect::<Vec<_>>(),
                })
            })
        });
        bookings.chain(loads).collect()
    }
}

/// This occurrence's, in the words that `list --json` has for conferences.
fn state(booking: &Booking, now: SystemTime) -> &'static str {
    written::activity_word(if booking.time.end <= now {
        Activity::Past
    } else if booking.time.start <= now {
        Activity::Current { until: None }
    } else {
        Activity::Upcoming {
            start: booking.time.start,
        }
    })
}

fn at(time: SystemTime, zone: &TimeZone, format: &str) -> String {
    let time = Timestamp::try_from(time).unwrap_or_default();
    time.to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use conf_core::Description;

    use super::*;

    fn entry(id: u64, name: &str, kbit_per_s: u64, times: &str) -> Arc<CatalogueEntry> {
        let text = format!(
            "v=0\r\no=- {id} 1 IN IP4 192.0.2.1\r\ns={name}\r\nc=IN IP4 239.255.7.7/15\r\nb=AS:{kbit_per_s}\r\n\
             {times}\r\nm=audio 5004 RTP/AVP 0\r\n"
        );
        let description = Arc::new(Description::parse(text.as_bytes()).unwrap());
        Arc::new(CatalogueEntry {
            id: description.id(),
            description,
            sources: Vec::new(),
            disagreements: Vec::new(),
        })
    }

    /// Tuesday 2026-11-24, 08:00 in a zone one hour east.
    const MORNING: u64 = 1_795_503_600;

    fn ntp(hour: u64) -> u64 {
        MORNING + hour * 3_600 + 2_208_988_800
    }

    #[test]
    fn plan_tells_what_is_held_in_the_zone_of_the_person_and_marks_what_is_too_much() {
        let known = [
            entry(1, "Hotline", 64, "t=0 0"),
            entry(
                2,
                "Daily",
                500,
                &format!("t={} {}\r\nr=1d 1h 0", ntp(1), ntp(49)),
            ),
            entry(3, "Talk", 500, &format!("t={} {}", ntp(1), ntp(3))),
        ];
        let start = UNIX_EPOCH + Duration::from_secs(MORNING);
        let span = start..start + Duration::from_secs(2 * 86_400);
        let budget = Budget::default().with(Scope::Site, 1_000);
        let plan = Plan::new(&known, span, budget);
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let text = plan.text(&zone, start + Duration::from_secs(9_000));
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "Tue 2026-11-24",
                "all the time Hotline site 64 kbit/s on now",
                "09:00–10:00 Daily site 500 kbit/s over",
                "09:00–11:00 Talk site 500 kbit/s on now",
                "Wed 2026-11-25",
                "09:00–10:00 Daily site 500 kbit/s",
                "",
                "Load",
                "site, which bears 1,000 kbit/s",
                "Tue 2026-11-24 until 09:00 64 kbit/s",
                "! Tue 2026-11-24 09:00–10:00 1,064 kbit/s, 64 too much: “Hotline”, “Daily”, “Talk”",
                "Tue 2026-11-24 10:00–11:00 564 kbit/s",
                "Tue 2026-11-24 11:00–Wed 25 09:00 64 kbit/s",
                "Wed 2026-11-25 09:00–10:00 564 kbit/s",
                "Wed 2026-11-25 from 10:00 on 64 kbit/s",
            ]
        );
        let json = plan.json(start);
        assert_eq!(json[1]["activity"], "upcoming");
        let over: Vec<&Value> = json.iter().filter(|line| line["is_over"] == true).collect();
        assert_eq!(over.len(), 1);
        assert_eq!(over[0]["kbit_per_s"], 1_064);
    }
}
