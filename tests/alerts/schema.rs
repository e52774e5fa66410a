//! Every record is as `docs/schema` says, and `docs/alerts.md` names every field.

use std::collections::BTreeSet;

use anyhow::Result;
use checker_user::alerts::write::Format;
use harness::schema::{ECS, EVE, OCSF};
use serde_json::{Value, json};

use crate::events::{alert, alerts, event, line, others};

#[test]
fn every_record_is_as_the_schema_of_its_form_says() -> Result<()> {
    for event in alerts()?.iter().chain(&others()?) {
        for (format, schema) in [(Format::Eve, &EVE), (Format::Ocsf, &OCSF), (Format::Ecs, &ECS)] {
            let record = serde_json::from_str(&line(format, event)?)?;
            schema.check(&record)?;
        }
    }
    Ok(())
}

#[test]
fn a_schema_refuses_what_is_not_in_it() -> Result<()> {
    EVE.check(&alert())?;
    let changes = [
        ("/checker", "surprise", json!(1)),
        ("", "surprise", json!(1)),
        ("/checker", "seq", json!("17")),
        ("", "timestamp", json!("2026-11-23 16:25:30")),
        ("", "src_ip", json!("203.0.113.256")),
        ("/alert", "severity", json!(4)),
    ];
    for (object, name, value) in changes {
        let mut alert = alert();
        if let Some(Value::Object(members)) = alert.pointer_mut(object) {
            members.insert(name.to_owned(), value);
        }
        assert!(EVE.check(&alert).is_err(), "{object}/{name}");
    }
    Ok(())
}

#[test]
fn what_steers_a_terminal_is_an_escape_in_every_form() -> Result<()> {
    let mut hostile = alert();
    hostile["in_iface"] = "e\u{9b}31m\u{202e}\u{7f}".into();
    hostile["checker"]["list"] = "\u{9b}2J.txt".into();
    let event = event(&hostile)?;
    for format in [Format::Eve, Format::Ocsf, Format::Ecs] {
        let line = line(format, &event)?;
        let unseen = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!line.trim_end_matches('\n').contains(unseen), "{line:?}");
    }
    Ok(())
}

/// One object for all: a field that is new in one schema is new in the others too.
#[test]
fn the_schemas_share_their_definitions() -> Result<()> {
    let [eve, ocsf, ecs] = documents()?;
    for name in ["moment", "ip", "mac", "label", "asset"] {
        assert_eq!(eve["$defs"][name], ocsf["$defs"][name], "{name}");
        assert_eq!(eve["$defs"][name], ecs["$defs"][name], "{name}");
    }
    assert_eq!(ocsf["$defs"]["own"], ecs["$defs"]["own"]);
    let own = &ecs["$defs"]["own"]["properties"];
    let details = eve["$defs"]["checker"]["properties"].as_object();
    for (name, details) in details.into_iter().flatten() {
        assert_eq!(own.get(name), Some(details), "{name}");
    }
    Ok(())
}

#[test]
fn every_field_is_in_the_manual() -> Result<()> {
    let manual = include_str!("../../docs/alerts.md");
    let words: BTreeSet<_> = manual.split(|c: char| !c.is_alphanumeric() && !"_@".contains(c)).collect();
    for document in documents()? {
        let mut fields = BTreeSet::new();
        properties(&document, &mut fields);
        for field in fields {
            assert!(words.contains(&*field), "docs/alerts.md does not name {field}");
        }
    }
    Ok(())
}

fn documents() -> Result<[Value; 3]> {
    Ok([
        serde_json::from_str(include_str!("../../docs/schema/eve.schema.json"))?,
        serde_json::from_str(include_str!("../../docs/schema/ocsf.schema.json"))?,
        serde_json::from_str(include_str!("../../docs/schema/ecs.schema.json"))?,
    ])
}

fn properties(schema: &Value, fields: &mut BTreeSet<String>) {
    if let Some(members) = schema.get("properties").and_then(Value::as_object) {
        fields.extend(members.keys().cloned());
    }
    match schema {
        Value::Object(members) => members.values().for_each(|schema| properties(schema, fields)),
        Value::Array(schemas) => schemas.iter().for_each(|schema| properties(schema, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
