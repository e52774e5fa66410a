//! JSON: a list of objects, or `results` with one in it, as `NetBox`'s API answers. Interfaces, MAC addresses and devices
//! of `NetBox` name their columns as CSV does; what is nested in them has a `name`, an `address` or a `mac_address`.

use serde_json::{Map, Value, value::RawValue};

use super::{
    column::Column,
    lines::Lines,
    refused::Refused,
    row::{Field, Row},
};

/// How deep objects are looked into: `assigned_object` → `device` → `name`.
const DEPTH: u8 = 4;

/// Every object of the list.
pub(super) fn rows(text: &str, refused: &mut Refused) -> Vec<Row> {
    match list(text) {
        Ok(Some(items)) => {
            let mut lines = Lines::new(text);
            let mut line = |item: &str| lines.of(item.as_ptr().addr() - text.as_ptr().addr());
            items.iter().filter_map(|item| row(item.get(), line(item.get()), refused)).collect()
        }
        Ok(None) => {
            refused
                .whole("is JSON without a list of machines: neither a list nor an object with \"results\"");
            Vec::new()
        }
        Err(error) => {
            refused.whole(format!("is not valid JSON at line {}, column {}", error.line(), error.column()));
            Vec::new()
        }
    }
}

/// The items as they stand in the text, so that each has a line.
fn list(text: &str) -> serde_json::Result<Option<Vec<&RawValue>>> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).map(Some);
    }
    #[derive(serde::Deserialize)]
    struct Answer<'a> {
        #[serde(borrow)]
        results: Option<Vec<&'a RawValue>>,
    }
    serde_json::from_str::<Answer<'_>>(text).map(|answer| answer.results)
}

fn row(item: &str, line: u32, refused: &mut Refused) -> Option<Row> {
    let Ok(Value::Object(object)) = serde_json::from_str(item) else {
        refused.add(line, item, "is not an object");
        return None;
    };
    let mut row = Row { fields: Vec::new() };
    fields(&object, DEPTH, &mut |column, value| {
        // Where it stands, if it stands there as it is.
        let before = &item[..item.find(value).unwrap_or_default()];
        let line = line + memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32;
        row.fields.push(Field { column, line, text: value.to_owned() });
    });
    Some(row)
}

fn fields(object: &Map<String, Value>, depth: u8, found: &mut impl FnMut(Column, &str)) {
    for (key, value) in object {
        if let (Some(custom), "custom_fields") = (value.as_object(), key.as_str()) {
            fields(custom, depth, found);
        } else if let Some(column) = Column::named(key) {
            texts(column, value, depth, found);
        }
    }
}

fn texts(column: Column, value: &Value, depth: u8, found: &mut impl FnMut(Column, &str)) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::String(text) => found(column, text),
        Value::Number(number) => found(column, &number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| texts(column, value, depth, found)),
        Value::Object(object) if depth > 0 => {
            // An interface: the machine is what it belongs to.
            let keys: &[&str] = match column {
                Column::Mac => &["mac_address"],
                Column::Ip => &["address"],
                Column::Name(_) => &["device", "virtual_machine", "name", "display"],
                Column::Serial | Column::Site(_) | Column::AllowedCc => &["name", "display", "value"],
            };
            if let Some(value) = keys.iter().find_map(|key| object.get(*key).filter(|value| !value.is_null()))
            {
                texts(column, value, depth - 1, found);
            }
        }
        Value::Object(_) => {}
    }
}
