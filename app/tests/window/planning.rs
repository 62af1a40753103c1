//! Before a conference is announced: what it would meet, who leases its groups; and what can be taken away.
use egui_kittest::kittest::Queryable as _;
use rendezvous::model::{
    Activity, Clash, Command, Done, EntryId, Event, ExportFormat, Failure, LeaseProblem, Plan,
    Scope,
};
use rendezvous::ui::View;
use rendezvous::ui::view::Filter;

use crate::{Stand, fill, press, says, scene, stand, stand_of};

/// What the form asked last.
fn asked(harness: &mut egui_kittest::Harness<'_, Stand>) -> Plan {
    let commands = std::mem::take(&mut harness.state_mut().commands);
    let mut plans = commands.into_iter().filter_map(|command| match command {
        Command::Foresee(plan) => Some(plan),
        _ => None,
    });
    plans.next_back().unwrap()
}

pub(crate) fn clash(plan: &Plan) -> Clash {
    Clash {
        scope: plan.scope,
        start: plan.start,
        end: plan.end,
        kbit_per_s: 1_080,
        budget_kbit_per_s: 1_000,
        with: vec!["Town hall".to_owned(), "Training".to_owned()],
    }
}

#[test]
fn form_warns_of_what_is_too_much_and_announces_it_all_the_same() {
    let mut harness = stand(scene::home());
    press(&mut harness, "New conference");
    let plan = asked(&mut harness);
    assert_eq!((plan.scope, &plan.target), (Scope::Site, &None));
    let clashes = vec![clash(&plan)];
    harness
        .state_mut()
        .happen(Event::Foreseen(plan.clone(), clashes.clone()));
    // The form grows, and is in the middle again a frame later.
    harness.run_steps(3);
    assert!(says(&harness, "Too little bandwidth at that time"));
    let told = "Site carries 1,000 kbit/s; today 08:10–09:10, this, “Town hall” and “Training” take 1,080 kbit/s.";
    assert!(says(&harness, told));

    press(&mut harness, "Room");
    let nearer = asked(&mut harness);
    assert_eq!(nearer.scope, Scope::Room);
    harness.state_mut().happen(Event::Foreseen(plan, clashes));
    harness
        .state_mut()
        .happen(Event::Foreseen(nearer, Vec::new()));
    harness.run();
    assert!(
        !says(&harness, "Too little bandwidth"),
        "the newest answer counts"
    );
    fill(&mut harness, "Name", "Fire drill");
    press(&mut harness, "Announce it");
    let commands = harness.state_mut().take();
    assert!(matches!(commands.as_slice(), [Command::Publish(_)]));
    assert!(says(&harness, "One moment…"), "until its groups are leased");
}

#[test]
fn who_leases_addresses_is_chosen_in_the_settings() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Settings");
    press(&mut harness, "Who leases addresses");
    press(&mut harness, "Whoever offers it");
    let saved = |harness: &mut egui_kittest::Harness<'_, Stand>| {
        let commands = harness.state_mut().take();
        let mut saved = commands.into_iter().filter_map(|command| match command {
            Command::SaveSettings(settings) => Some(settings.madcap),
            _ => None,
        });
        saved.next_back()
    };
    assert_eq!(saved(&mut harness).as_deref(), Some("auto"));
    press(&mut harness, "Who leases addresses");
    press(&mut harness, "A server…");
    let field = "Server that leases addresses";
    fill(&mut harness, field, "192.0.2.");
    assert!(says(&harness, "“192.0.2.” is no address of a server"));
    fill(&mut harness, field, "1");
    press(&mut harness, "Done");
    assert_eq!(saved(&mut harness).as_deref(), Some("192.0.2.1"));
}

#[test]
fn what_is_over_is_at_the_end_of_all() {
    let mut model = scene::home();
    let now = model.clock.wall;
    let mut entries = scene::catalogue(now);
    entries.push(scene::heard("Kick-off", Activity::Past, now));
    model.apply(Event::Catalogue(scene::shared(entries)));
    let mut harness = stand(model);
    let over = "Kick-off, over, Site";
    assert!(harness.query_by_label(over).is_none());
    press(&mut harness, "All 8");
    assert!(harness.query_by_label(over).is_some());
}

#[test]
fn where_a_group_comes_from_is_told_and_what_became_of_a_lease() {
    let mut view = View::default();
    view.home.filter = Filter::Mine;
    view.home.selected = Some(EntryId("own".to_owned()));
    let mut harness = stand_of(scene::home(), view, [1280.0, 800.0]);
    assert!(says(
        &harness,
        "This group is leased from 192.0.2.1 until Thu 12 March"
    ));
    let problem = LeaseProblem::PickedHere("No MADCAP server answers.".to_owned());
    let failure = Failure::Lease("Fire drill".to_owned(), problem);
    harness.state_mut().happen(Event::Failed(failure));
    harness.run();
    assert!(says(&harness, "Nobody leased a group for “Fire drill”"));
    assert!(says(&harness, "picked here, at random"));
}

#[test]
fn repeating_conference_tells_its_next_times_and_its_bandwidth() {
    let mut view = View::default();
    view.home.filter = Filter::Upcoming;
    view.home.selected = Some(EntryId("weekly-safety".to_owned()));
    let harness = stand_of(scene::home(), view, [1280.0, 800.0]);
    assert!(says(&harness, "then Thu 19 March 2026, 08:15 to 08:45"));
    assert!(says(&harness, "80 kbit/s while one person talks"));
}

#[test]
fn conference_is_saved_for_a_calendar_and_as_a_file() {
    let mut harness = stand(scene::home());
    press(&mut harness, "Ana’s stand-up, until 09:10, Site");
    press(&mut harness, "Save for a calendar");
    press(&mut harness, "Save as file");
    let own = || EntryId("own".to_owned());
    let wanted =
        [ExportFormat::Calendar, ExportFormat::Sdp].map(|format| Command::Export(own(), format));
    assert_eq!(harness.state_mut().take(), wanted);
    let path = "/home/ana/Downloads/standup.ics".into();
    let done = Done::Exported("Stand-up".to_owned(), path);
    harness.state_mut().happen(Event::Done(done));
    harness.run();
    assert!(says(
        &harness,
        "“Stand-up” is saved as /home/ana/Downloads/standup.ics"
    ));
}

#[test]
fn people_of_directories_are_listed_and_searched() {
    let mut harness = stand(scene::with_directories());
    press(&mut harness, "People 3");
    let bo = "Bo Nilsson, in a call · bo@site.example · 192.0.2.31, in directory.example";
    assert!(harness.query_by_label(bo).is_some());
    fill(&mut harness, "Search conferences", "crane");
    assert!(harness.query_by_label(bo).is_none());
    assert!(says(&harness, "Chen Wei, Crane 4"));
}

#[test]
fn search_finds_who_holds_a_conference() {
    let mut harness = stand(scene::with_directories());
    fill(&mut harness, "Search conferences", "nilsson");
    let is_listed = |name: &str| harness.query_by_label(name).is_some();
    assert!(is_listed("Join Crane 4 – talkback"));
    assert!(!is_listed("Join Ana’s stand-up"));
}
