//! Answers and keys in, a screen out: ratatui's terminal in memory.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::Cell,
    crossterm::event::{KeyCode, KeyEvent, KeyModifiers},
    style::{Color, Modifier},
};
use serde_json::{Value, json};

use super::{
    column::{ago, bytes, count, speed},
    draw::{Ink, draw},
    keys::press,
    state::{Front, Top},
};
use crate::control::{flow::FlowRow, status::Status};

const NOW: &str = "2026-11-23T16:25:30Z";

fn row(matched: u64, lost: u64) -> Value {
    json!({
        "matched": matched, "emitted": 1, "aggregated": matched - lost - 1, "suppressed": 0, "queued": 0,
        "lost": { "ring_full": lost, "reader_too_slow": 0, "flow_evicted": 0, "sink_failed": 0 },
    })
}

fn status(seen: u64, matched: u64, lost: u64) -> Box<Status> {
    let mut label = row(matched, lost);
    label["label"] = "ONE".into();
    label["action"] = "alert".into();
    let hook = json!({ "mode": "native", "fallback": null, "attached": true });
    let status = json!({
        "version": "0.1.0", "pid": 77, "started": "2026-11-23T13:25:30Z",
        "interfaces": [{
            "name": "eth1", "index": 2, "ingress": hook, "egress": null, "promiscuous": false, "up": true,
        }],
        "generation": 4, "loaded": NOW, "ages": [], "lists": 3, "ranges_v4": 20_001, "ranges_v6": 1,
        "memory": null, "last_refusal": null,
        "canary": { "state": "found", "reason": null, "at": NOW, "looks": 5, "failures": 0 },
        "unhealthy": [], "assets": null, "learned": 0, "readers": 0,
        "account": {
            "seen": seen, "judged": seen, "outcomes": { "compliant": seen - matched, "alerted": matched },
            "malformed": 0, "total": row(matched, lost), "labels": [label], "sinks": [],
        },
    });
    Box::new(serde_json::from_value(status).unwrap())
}

fn flow(source: &str, port: u16, packets: u64) -> FlowRow {
    let flow = json!({
        "src_ip": source, "src_port": 40_000, "dest_ip": "198.51.100.9", "dest_port": port, "proto": "UDP",
        "label": "ONE", "action": "allowed", "in_iface": "eth1", "vlan": [], "matched": source, "side": "src",
        "via": null, "direction": "ingress", "src_mac": "3c:ec:ef:01:02:03", "prefix": "203.0.113.0/24",
        "service": null, "asset": null,
        "first_seen": "2026-11-23T16:20:30Z", "last_seen": "2026-11-23T16:25:25Z",
        "packets": packets, "bytes": packets * 60,
    });
    serde_json::from_value(flow).unwrap()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// After two answers, a second apart.
fn top() -> Top {
    let mut top = Top::default();
    top.take(Ok((status(1_000, 100, 0), vec![flow("203.0.113.7", 623, 90)])), Duration::ZERO, now());
    let flows = vec![flow("203.0.113.7", 623, 100), flow("203.0.113.9", 22, 5), flow("2001:db8::7", 443, 50)];
    top.take(Ok((status(1_500, 155, 0), flows)), Duration::from_secs(1), now());
    top
}

fn screen(top: &mut Top, width: u16, height: u16) -> (String, Terminal<TestBackend>) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(top, Ink { colours: true }, frame)).unwrap();
    let cells = terminal.backend().buffer().content().chunks(usize::from(width));
    let lines: Vec<_> =
        cells.map(|line| line.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned()).collect();
    (lines.join("\n"), terminal)
}

fn type_in(top: &mut Top, keys: &str) {
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            '\u{8}' => KeyCode::Backspace,
            key => KeyCode::Char(key),
        };
        assert!(!press(top, KeyEvent::new(code, KeyModifiers::NONE)), "{key:?} ended it");
    }
}

/// Sources of the table from top to bottom.
fn sources(top: &Top) -> Vec<String> {
    top.shown.iter().map(|index| top.flows[*index].src_ip.to_string()).collect()
}

#[test]
fn everything_has_its_place_on_a_small_terminal() {
    let (screen, _) = screen(&mut top(), 80, 24);
    let lines: Vec<_> = screen.lines().collect();
    assert_eq!(lines[0], "checker 0.1.0  pid 77  up 3 h  generation 4: 3 lists, 20001 IPv4 and 1 IPv6 ran…");
    assert_eq!(lines[2], "packets  500/s  seen 1500  judged 100.0 %  compliant 1345  allowed 0  restricte…");
    assert_eq!(lines[1], "account  lost 0 of matched 155: emitted 1, aggregated 154, suppressed 0");
    assert_eq!(lines[3], "eth1 native");
    assert!(lines[4].starts_with("ONE              alert      55/s  matched     155"), "{screen}");
    assert!(lines[4].ends_with('█'), "{screen}");
    assert!(lines[5].contains("packets▼"), "{screen}");
    assert!(lines[6].contains("203.0.113.7:40000"), "{screen}");
    assert!(lines[23].starts_with("3 flows  F1Help F4Filter F6Sort EnterDetails pPause F10Quit"), "{screen}");
}

#[test]
fn no_size_is_too_small() {
    for (width, height) in [(1, 1), (5, 2), (20, 5), (30, 8), (300, 100), (80, 3)] {
        let mut top = top();
        for keys in ["", "?", "?\n", "\u{1b}/x", "\u{1b}"] {
            type_in(&mut top, keys);
            screen(&mut top, width, height);
        }
    }
}

/// Half a number is another number.
#[test]
fn columns_are_left_out_rather_than_cut() {
    let mut top = Top::default();
    top.take(Ok((status(10, 1, 0), vec![flow("203.0.113.7", 623, 12_345)])), Duration::ZERO, now());
    let head = |top: &mut Top, width| screen(top, width, 24).0.lines().nth(5).unwrap().to_owned();
    assert!(head(&mut top, 120).ends_with("proto iface range"));
    assert!(head(&mut top, 80).ends_with("proto iface"));
    assert!(head(&mut top, 70).ends_with("destination      proto"));
    let narrow = screen(&mut top, 45, 24).0;
    assert!(narrow.contains("12345 203.0.113.7:40000 198.51.100.9:623"), "{narrow}");
    assert!(head(&mut top, 36).starts_with("source "));
}

#[test]
fn a_loss_is_red_and_has_its_cause() {
    let mut top = top();
    top.take(Ok((status(2_000, 300, 20), Vec::new())), Duration::from_secs(2), now());
    let (screen, terminal) = screen(&mut top, 100, 24);
    let line = screen.lines().nth(1).unwrap();
    assert_eq!(
        line,
        "account  lost 20 (ring full 20) of matched 300: emitted 1, aggregated 279, suppressed 0"
    );
    assert_eq!(terminal.backend().buffer()[(9, 1)].fg, Color::Red);
}

#[test]
fn without_colours_there_is_none() {
    let mut top = top();
    let mut bad = status(2_000, 300, 20);
    bad.unhealthy = vec!["canary: gone".to_owned()];
    top.take(Ok((bad, Vec::new())), Duration::from_secs(2), now());
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(&mut top, Ink { colours: false }, frame)).unwrap();
    let cells = terminal.backend().buffer().content();
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    assert!(cells.iter().any(|cell| cell.modifier.contains(Modifier::BOLD)));
}

#[test]
fn what_is_wrong_is_seen_and_cannot_steer_the_terminal() {
    let mut top = top();
    let mut bad = status(2_000, 300, 0);
    bad.unhealthy = (0..5).map(|number| format!("list: {number}\u{1b}[2J\nmore")).collect();
    bad.interfaces[0].name = "e\u{1b}0".to_owned();
    bad.interfaces[0].ingress.as_mut().unwrap().attached = false;
    top.take(Ok((bad, Vec::new())), Duration::from_secs(2), now());
    let (screen, _) = screen(&mut top, 80, 24);
    assert!(!screen.contains('\u{1b}'), "{screen}");
    assert!(screen.contains("e\\u{1b}0 native NOT ATTACHED"), "{screen}");
    assert!(screen.contains("NOT HEALTHY: list: 0\\u{1b}[2J; more\n"), "{screen}");
    assert!(screen.contains("NOT HEALTHY: 3 reasons more; see checker status"), "{screen}");
}

#[test]
fn a_daemon_that_is_gone_is_said_and_what_was_known_stays() {
    let mut top = Top::default();
    assert!(screen(&mut top, 80, 24).0.starts_with("asking the daemon"));
    top.take(Err("no checker daemon listens on /run/x".to_owned()), Duration::ZERO, now());
    let waiting = screen(&mut top, 80, 24).0;
    assert!(waiting.starts_with("NO ANSWER: no checker daemon listens on /run/x; asking again"), "{waiting}");
    let mut top = self::top();
    top.take(Err("the daemon hung up".to_owned()), Duration::from_secs(2), now());
    let gone = screen(&mut top, 80, 24).0;
    assert!(gone.starts_with("NO ANSWER: the daemon hung up; asking again\nchecker 0.1.0"), "{gone}");
    // Another one counts from zero, and that is no negative speed and no enormous one.
    let mut other = status(10, 1, 0);
    other.pid = 78;
    top.take(Ok((other, Vec::new())), Duration::from_secs(3), now());
    assert_eq!(top.rates.packets.now, 0.0);
    assert!(!screen(&mut top, 80, 24).0.contains("NO ANSWER"));
}

#[test]
fn flows_sort_by_every_column_both_ways() {
    let mut top = top();
    assert_eq!(sources(&top), ["203.0.113.7", "2001:db8::7", "203.0.113.9"]);
    type_in(&mut top, "P");
    assert_eq!(sources(&top), ["203.0.113.9", "2001:db8::7", "203.0.113.7"]);
    // New ones since the last answer came with all their packets.
    type_in(&mut top, "T");
    assert_eq!(sources(&top), ["2001:db8::7", "203.0.113.7", "203.0.113.9"]);
    for _ in 0..20 {
        type_in(&mut top, ">");
        assert_eq!(top.shown.len(), 3);
    }
    type_in(&mut top, "P<<");
    assert_eq!(top.shown.len(), 3);
}

#[test]
fn the_chosen_flow_stays_chosen_wherever_it_goes() {
    let mut top = top();
    type_in(&mut top, "jj");
    assert_eq!(top.chosen().unwrap().src_ip.to_string(), "203.0.113.9");
    type_in(&mut top, "P");
    assert_eq!((top.line(), top.chosen().unwrap().src_ip.to_string()), (0, "203.0.113.9".to_owned()));
    type_in(&mut top, "kkkk");
    assert_eq!(top.line(), 0);
    type_in(&mut top, "Gjj");
    assert_eq!(top.line(), 2);
    // It ended: the first one is chosen.
    top.take(Ok((status(1_600, 160, 0), vec![flow("203.0.113.9", 22, 6)])), Duration::from_secs(2), now());
    assert_eq!(top.line(), 0);
    top.take(Ok((status(1_600, 160, 0), Vec::new())), Duration::from_secs(3), now());
    assert!(top.chosen().is_none());
    type_in(&mut top, "j\n");
    assert_eq!(top.front, Front::Table, "there is nothing to see of no flow");
}

#[test]
fn a_long_table_scrolls_with_the_chosen_line() {
    let mut top = Top::default();
    let flows =
        (0..200_u64).map(|number| flow(&format!("203.0.113.{number}"), 623, 1_000 - number)).collect();
    top.take(Ok((status(10, 1, 0), flows)), Duration::ZERO, now());
    for keys in ["", "j", "G", "k", "g", "GP"] {
        type_in(&mut top, keys);
        let (screen, _) = screen(&mut top, 120, 24);
        let chosen = format!(" {}:40000 ", top.chosen().unwrap().src_ip);
        assert!(screen.contains(&chosen), "after {keys:?} {chosen} is not among\n{screen}");
    }
}

#[test]
fn a_filter_is_words_or_an_expression() {
    let mut top = top();
    type_in(&mut top, "/203.0.113.9");
    assert_eq!(sources(&top), ["203.0.113.9"]);
    assert!(screen(&mut top, 80, 24).0.ends_with("filter: 203.0.113.9▏"));
    type_in(&mut top, "\u{8}7 :623\n");
    assert_eq!((sources(&top), top.front.clone()), (vec!["203.0.113.7".to_owned()], Front::Table));
    type_in(&mut top, "\u{1b}");
    assert_eq!(top.shown.len(), 3);
    type_in(&mut top, "/port=22,443 and label=one\n");
    assert_eq!(sources(&top), ["2001:db8::7", "203.0.113.9"]);
    type_in(&mut top, "/ and prot=2");
    assert_eq!(top.shown.len(), 3, "one that is wrong hides nothing");
    assert!(screen(&mut top, 120, 24).0.contains("there is no field \"prot\""));
    type_in(&mut top, "\u{1b}");
    assert_eq!(sources(&top), ["2001:db8::7", "203.0.113.9"], "what was typed since is dropped");
}

#[test]
fn details_help_and_pause() {
    let mut top = top();
    type_in(&mut top, "\n");
    let details = screen(&mut top, 80, 24).0;
    for fact in ["       range  203.0.113.0/24", "         MAC  3c:ec:ef:01:02:03", "     packets  100, 10/s"]
    {
        assert!(details.contains(fact), "{fact} is not in\n{details}");
    }
    type_in(&mut top, "\u{1b}?");
    assert!(screen(&mut top, 80, 24).0.contains("sort the other way round"));
    type_in(&mut top, "?p");
    top.take(Ok((status(9_999, 999, 0), Vec::new())), Duration::from_secs(9), now());
    let paused = screen(&mut top, 80, 24).0;
    assert!(paused.contains("seen 1500") && paused.contains("PAUSED"), "{paused}");
    for (code, modifiers) in [
        (KeyCode::Char('q'), KeyModifiers::NONE),
        (KeyCode::F(10), KeyModifiers::NONE),
        (KeyCode::Char('c'), KeyModifiers::CONTROL),
    ] {
        assert!(press(&mut top, KeyEvent::new(code, modifiers)));
    }
}

#[test]
fn numbers_are_short() {
    assert_eq!(
        [0, 99_999, 100_000, 999_499, 999_500, 1_234_567].map(count),
        ["0", "99999", "100k", "999k", "1.00M", "1.23M"]
    );
    assert_eq!(count(u64::MAX), "18.4E");
    assert_eq!(
        [0, 1023, 1024, 10_240, 1 << 30].map(bytes),
        ["0 B", "1023 B", "1.00 KiB", "10.0 KiB", "1.00 GiB"]
    );
    assert_eq!([0.0, 0.01, 0.5, 9.96, 42.4].map(speed), ["0", "0", "0.5", "10.0", "42"]);
    assert_eq!([-5, 59, 60, 3_600, 86_400].map(ago), ["0 s", "59 s", "1 min", "1 h", "1 d"]);
}
