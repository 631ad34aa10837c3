//! The mutations, one a row.

use crate::support::fault_server::ServerResponse;
use serde_json::{Map, Value, json};
use std::io::Write as _;

/// What kind of change a mutation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// A refusal with status 200.
    Refusal,
    /// A 404 or a 410 of another program.
    ForeignMissing,
    /// A 200 of another program.
    ForeignGood,
    /// The items are somewhere else, or something else.
    Envelope,
    /// A count says something else than what came.
    Count,
    /// Items are damaged, some or all.
    Items,
    /// The service ignores the filter.
    FilterIgnored,
    /// The list is cut and still parses.
    CutShort,
    /// It says that it is something else, or is packed otherwise.
    Media,
    /// Nothing is taken away.
    Harmless,
}

/// An answer before its mutation.
pub(super) struct Original {
    pub(super) body: String,
    pub(super) is_json: bool,
    /// Where its items are.
    pub(super) items: Option<&'static str>,
    /// Where its counts are.
    pub(super) counts: &'static [&'static str],
    /// Whether a list without items and without a count is an answer.
    pub(super) may_be_empty: bool,
    /// Whether a 404 without a body is an answer: that there is nothing.
    pub(super) bare_missing: bool,
    /// What a service answers that ignores the filter.
    pub(super) unfiltered: Option<&'static str>,
}

impl Original {
    fn json(&self) -> Option<Value> {
        self.is_json
            .then(|| serde_json::from_str(&self.body).unwrap())
    }

    fn media(&self) -> &'static str {
        if self.is_json {
            "application/json"
        } else if self.body.starts_with("id,") {
            "text/csv"
        } else {
            "text/plain"
        }
    }

    /// With other items; nothing where it has no list.
    fn with_items(&self, change: impl FnOnce(Vec<Value>) -> Value) -> Option<ServerResponse> {
        let mut value = self.json()?;
        let place = value.pointer_mut(self.items?)?;
        let items = place.as_array()?.clone();
        *place = change(items);
        Some(ok_json(&value))
    }
}

fn ok_json(value: &Value) -> ServerResponse {
    ServerResponse::json(200, value.to_string())
}

fn response(status: u16, media: &str, body: &str) -> ServerResponse {
    ServerResponse::new(status, &[("content-type", media)], body.as_bytes())
}

/// One row of the table. What does not apply to an answer gives none.
pub(super) struct Mutation {
    pub(super) name: &'static str,
    pub(super) class: Class,
    pub(super) apply: fn(&Original) -> Option<ServerResponse>,
}

const fn row(
    name: &'static str,
    class: Class,
    apply: fn(&Original) -> Option<ServerResponse>,
) -> Mutation {
    Mutation { name, class, apply }
}

use Class::{
    Count, CutShort, Envelope, FilterIgnored, ForeignGood, ForeignMissing, Harmless, Items, Media,
    Refusal,
};

pub(super) const MUTATIONS: &[Mutation] = &[
    row("success false", Refusal, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"success":false,"message":"Subscription expired"}"#,
        ))
    }),
    row("success false with empty lists", Refusal, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"success":false,"message":"no","count":0,"data":[],"breaches":[],"domains":[],"results":[]}"#,
        ))
    }),
    row("success false beside what was asked for", Refusal, |it| {
        let mut value = it.json()?;
        value
            .as_object_mut()?
            .insert("success".to_owned(), Value::Bool(false));
        Some(ok_json(&value))
    }),
    row("a message alone", Refusal, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"message":"rate limited, try again later"}"#,
        ))
    }),
    row("a status code in the body", Refusal, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"statusCode":401,"message":"Access denied"}"#,
        ))
    }),
    row("a problem", Refusal, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"type":"validation_error","status":400,"detail":"Invalid filter"}"#,
        ))
    }),
    row("an error text", Refusal, |_| {
        Some(ServerResponse::json(200, r#"{"error":"quota exceeded"}"#))
    }),
    row("an error beside an empty list", Refusal, |it| {
        emptied_with(it, r#""error":"quota exceeded""#)
    }),
    row(
        "an error beside an empty list that succeeded",
        Refusal,
        |it| emptied_with(it, r#""success":true,"error":"quota exceeded""#),
    ),
    row("an error object beside an empty list", Refusal, |it| {
        emptied_with(it, r#""error":{"code":"quota","message":"exceeded"}"#)
    }),
    row("errors beside an empty list", Refusal, |it| {
        emptied_with(it, r#""errors":[{"message":"quota exceeded"}]"#)
    }),
    row("not ok beside an empty list", Refusal, |it| {
        emptied_with(it, r#""ok":false"#)
    }),
    row("a failed status beside an empty list", Refusal, |it| {
        emptied_with(it, r#""status":"error","message":"quota exceeded""#)
    }),
    row(
        "the code of a failure beside an empty list",
        Refusal,
        |it| emptied_with(it, r#""code":429"#),
    ),
    row(
        "the status of a failure beside an empty list",
        Refusal,
        |it| emptied_with(it, r#""statusCode":"503""#),
    ),
    row("no success in a text beside an empty list", Refusal, |it| {
        emptied_with(it, r#""success":"False""#)
    }),
    row("success and none beside an empty list", Refusal, |it| {
        emptied_with(it, r#""success":true,"success":false"#)
    }),
    row("success false beside a long answer", Refusal, |it| {
        // Longer than what is read as a refusal whole.
        let long = json!("x".repeat(100_000));
        emptied_with(it, &format!(r#""padding":{long},"success":false"#))
    }),
    row("HTTP API gateway 404", ForeignMissing, |_| {
        Some(ServerResponse::json(404, r#"{"message":"Not Found"}"#))
    }),
    row(
        "a catch-all 404 in the service's shape",
        ForeignMissing,
        |_| {
            Some(ServerResponse::json(
                404,
                r#"{"success":false,"message":"Not Found"}"#,
            ))
        },
    ),
    row(
        "a resource 404 in the service's shape",
        ForeignMissing,
        |_| {
            Some(ServerResponse::json(
                404,
                r#"{"success":false,"message":"The requested resource could not be found."}"#,
            ))
        },
    ),
    row("ASP.NET 404", ForeignMissing, |_| {
        Some(response(
            404,
            "application/problem+json",
            r#"{"type":"https://tools.ietf.org/html/rfc9110#section-15.5.5","title":"Not Found","status":404,"traceId":"00-1-1-00"}"#,
        ))
    }),
    row("a problem of a framework 404", ForeignMissing, |_| {
        Some(response(
            404,
            "application/problem+json",
            r#"{"type":"about:blank","status":404,"detail":"No such leak."}"#,
        ))
    }),
    row("Rails 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"status":404,"error":"Not Found"}"#,
        ))
    }),
    row("Strapi 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"data":null,"error":{"status":404,"name":"NotFoundError","message":"Not Found","details":{}}}"#,
        ))
    }),
    row("Kubernetes 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"leaks not found","reason":"NotFound","code":404}"#,
        ))
    }),
    row("S3 404", ForeignMissing, |_| {
        Some(response(
            404,
            "application/xml",
            "<Error><Code>NoSuchKey</Code></Error>",
        ))
    }),
    row("Cloudflare 404", ForeignMissing, |_| {
        Some(response(404, "text/plain", "error code: 1016"))
    }),
    row("Envoy 404", ForeignMissing, |_| {
        Some(response(
            404,
            "text/plain",
            "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        ))
    }),
    row("a load balancer's 404", ForeignMissing, |_| {
        Some(response(404, "text/plain", "no healthy target was there"))
    }),
    row("a bare word 404", ForeignMissing, |_| {
        Some(ServerResponse::json(404, r#""Not Found""#))
    }),
    row("an empty list 404", ForeignMissing, |_| {
        Some(ServerResponse::json(404, "[]"))
    }),
    row("nginx 404", ForeignMissing, |_| {
        Some(response(
            404,
            "text/html",
            "<html><center><h1>404 Not Found</h1></center><hr><center>nginx</center></html>",
        ))
    }),
    row("gateway 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"message":"no Route matched with those values"}"#,
        ))
    }),
    row("API gateway 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"message":"Missing Authentication Token"}"#,
        ))
    }),
    row("FastAPI 404", ForeignMissing, |_| {
        Some(ServerResponse::json(404, r#"{"detail":"Not Found"}"#))
    }),
    row("Spring 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"timestamp":"2026-11-29T00:00:00Z","status":404,"error":"Not Found","path":"/x"}"#,
        ))
    }),
    row("Spring problem 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"No static resource x.","instance":"/x"}"#,
        ))
    }),
    row("Express 404", ForeignMissing, |_| {
        Some(response(404, "text/html", "<pre>Cannot GET /x</pre>"))
    }),
    row("Go 404", ForeignMissing, |_| {
        Some(response(404, "text/plain", "404 page not found\n"))
    }),
    row("Nest 404", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"statusCode":404,"message":"Cannot GET /x","error":"Not Found"}"#,
        ))
    }),
    row("empty 404", ForeignMissing, |it| {
        // It is the service's own answer that there is nothing, where its contract says so.
        (!it.bare_missing).then(|| ServerResponse::new(404, &[], b""))
    }),
    row("an object without members 404", ForeignMissing, |_| {
        Some(ServerResponse::json(404, "{}"))
    }),
    row("retired 410", ForeignMissing, |_| {
        Some(ServerResponse::json(
            410,
            r#"{"message":"This API version has been retired"}"#,
        ))
    }),
    row("retired 404 in the service's shape", ForeignMissing, |_| {
        Some(ServerResponse::json(
            404,
            r#"{"success":false,"message":"This API version has been retired"}"#,
        ))
    }),
    row("nothing found, but gone", ForeignMissing, |_| {
        Some(ServerResponse::json(
            410,
            r#"{"success":false,"message":"No breaches could be found"}"#,
        ))
    }),
    row("a web page", ForeignGood, |_| {
        Some(response(
            200,
            "text/html; charset=utf-8",
            "<html><title>Sign in</title></html>",
        ))
    }),
    row("FastAPI 200", ForeignGood, |_| {
        Some(ServerResponse::json(200, r#"{"detail":"Not Found"}"#))
    }),
    row("gateway 200", ForeignGood, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"message":"no Route matched with those values"}"#,
        ))
    }),
    row("Spring 200", ForeignGood, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/x"}"#,
        ))
    }),
    row("an object without members", ForeignGood, |_| {
        Some(ServerResponse::json(200, "{}"))
    }),
    row("success and nothing else", ForeignGood, |_| {
        Some(ServerResponse::json(200, r#"{"success":true}"#))
    }),
    row("an empty body", ForeignGood, |_| {
        Some(ServerResponse::json(200, ""))
    }),
    row("an empty text", ForeignGood, |_| {
        Some(response(200, "text/plain", ""))
    }),
    row("an empty table", ForeignGood, |_| {
        Some(response(200, "text/csv", ""))
    }),
    row("a text", ForeignGood, |_| {
        Some(response(200, "text/plain", "It works!"))
    }),
    row("a word", ForeignGood, |_| {
        Some(ServerResponse::json(200, r#""ok""#))
    }),
    row("a truth", ForeignGood, |_| {
        Some(ServerResponse::json(200, "true"))
    }),
    row("nothing", ForeignGood, |_| {
        Some(ServerResponse::json(200, "null"))
    }),
    row("a zero", ForeignGood, |_| {
        Some(ServerResponse::json(200, "0"))
    }),
    row("an empty word", ForeignGood, |_| {
        Some(ServerResponse::json(200, r#""""#))
    }),
    row("a health check", ForeignGood, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"status":"UP","groups":["liveness","readiness"]}"#,
        ))
    }),
    row("a welcome", ForeignGood, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"name":"api","version":"2.0.0","docs":"/docs"}"#,
        ))
    }),
    row("GraphQL 200", ForeignGood, |_| {
        Some(ServerResponse::json(
            200,
            r#"{"data":null,"errors":[{"message":"Cannot query field"}]}"#,
        ))
    }),
    row("no content", ForeignGood, |_| {
        Some(ServerResponse::raw(
            "HTTP/1.1 204 No Content\r\n\r\n",
            crate::support::fault_server::ConnectionEnd::KeepAlive,
        ))
    }),
    row("wrapped in a result", Envelope, |it| {
        Some(ok_json(&json!({"result": it.json()?})))
    }),
    row("wrapped in data", Envelope, |it| {
        Some(ok_json(&json!({"success": true, "data": it.json()?})))
    }),
    row("wrapped in a list", Envelope, |it| {
        Some(ok_json(&json!([it.json()?])))
    }),
    row("wrapped in a response", Envelope, |it| {
        Some(ok_json(&json!({"response": {"body": it.json()?}})))
    }),
    row("renamed", Envelope, |it| {
        let Value::Object(members) = it.json()? else {
            return Some(ok_json(&json!({"entries": it.json()?})));
        };
        if it.items.is_none() && members.len() > 2 {
            // Of a thing with many members a part may have none.
            return None;
        }
        let renamed: Map<String, Value> = members
            .into_iter()
            .map(|(name, value)| match value {
                Value::Array(_) | Value::Object(_) => {
                    (format!("{name}_v2"), json!({"moved": value}))
                }
                other => (name, other),
            })
            .collect();
        Some(ok_json(&Value::Object(renamed)))
    }),
    row("null", Envelope, |it| it.with_items(|_| Value::Null)),
    row("everything null", Envelope, |it| {
        let Value::Object(members) = it.json()? else {
            return Some(ok_json(&Value::Null));
        };
        let nulls = members.into_iter().map(|(name, _)| (name, Value::Null));
        Some(ok_json(&Value::Object(nulls.collect())))
    }),
    row("a list that is a number", Envelope, |it| {
        it.with_items(|items| json!(items.len()))
    }),
    row("a list that is a text", Envelope, |it| {
        it.with_items(|items| json!(Value::Array(items).to_string()))
    }),
    row("a list that is an object", Envelope, |it| {
        it.with_items(|items| {
            items
                .into_iter()
                .enumerate()
                .map(|(at, item)| (at.to_string(), item))
                .collect()
        })
    }),
    row("a list of a list", Envelope, |it| {
        it.with_items(|items| json!([items]))
    }),
    row("wrapped in an empty list of its own", Envelope, |it| {
        let inner = it.json()?;
        Some(ok_json(&json!({"data": [], "result": inner})))
    }),
    row("wrapped in a text", Envelope, |it| {
        Some(ok_json(&json!(it.json()?.to_string())))
    }),
    row("its list twice, first empty", Envelope, |it| {
        twice(it, true)
    }),
    row("its list twice, then empty", Envelope, |it| {
        twice(it, false)
    }),
    row("a count in words", Count, |it| {
        change_count(it, 0, |_| json!("none"))
    }),
    row("a count with a part", Count, |it| {
        change_count(it, 0, |count| json!(count as f64 + 0.5))
    }),
    row("a count beyond every list", Count, |it| {
        change_count(it, 0, |_| json!(18_446_744_073_709_551_615_u64))
    }),
    row("a count with an exponent", Count, |it| {
        change_count(it, 0, |_| json!(1e300))
    }),
    row("a count that is a list", Count, |it| {
        change_count(it, 0, |count| json!([count]))
    }),
    row("a count that is a truth", Count, |it| {
        change_count(it, 0, |_| json!(true))
    }),
    row("a count that is one more", Count, |it| {
        change_count(it, 0, |count| json!(count + 1))
    }),
    row("a count that is none", Count, |it| {
        change_count(it, 0, |_| json!(0))
    }),
    row("a count that is no number", Count, |it| {
        change_count(it, 0, |_| json!("many"))
    }),
    row("a count below nothing", Count, |it| {
        change_count(it, 0, |_| json!(-1))
    }),
    row("another count that is one less", Count, |it| {
        change_count(it, 1, |count| json!(count - 1))
    }),
    row("another count that is far more", Count, |it| {
        change_count(it, 1, |count| json!(count + 1_000))
    }),
    row("one item null", Items, |it| {
        it.with_items(|items| append(items, Value::Null))
    }),
    row("one item without members", Items, |it| {
        it.with_items(|items| append(items, json!({})))
    }),
    row("one item a number", Items, |it| {
        it.with_items(|items| append(items, json!([7])))
    }),
    row("all items null", Items, |it| {
        it.with_items(|items| items.iter().map(|_| Value::Null).collect())
    }),
    row("all items without members", Items, |it| {
        it.with_items(|items| items.iter().map(|_| json!({})).collect())
    }),
    row("all items empty texts", Items, |it| {
        it.with_items(|items| items.iter().map(|_| json!("")).collect())
    }),
    row("all items lists", Items, |it| {
        it.with_items(|items| items.iter().map(|_| json!([])).collect())
    }),
    row("every member of all items null", Items, |it| {
        it.with_items(|items| {
            items
                .into_iter()
                .map(|item| match item {
                    Value::Object(members) => members
                        .into_iter()
                        .map(|(name, _)| (name, Value::Null))
                        .collect(),
                    _ => Value::Null,
                })
                .collect()
        })
    }),
    row("every list of a map null", Items, |it| {
        map_body(it, |_| Value::Null)
    }),
    row("every list of a map empty", Items, |it| {
        map_body(it, |_| json!([]))
    }),
    row("every list of a map a text", Items, |it| {
        map_body(it, |_| json!("BrightCart"))
    }),
    row("every list of a map nulls", Items, |it| {
        map_body(it, |_| json!([null]))
    }),
    row("unfiltered", FilterIgnored, |it| {
        Some(ServerResponse::json(200, it.unfiltered?))
    }),
    row("without its last item", CutShort, |it| {
        if it.counts.is_empty() {
            return None;
        }
        it.with_items(|mut items| {
            items.pop();
            items.into()
        })
    }),
    row("without any item", CutShort, |it| {
        if it.may_be_empty {
            return None;
        }
        it.with_items(|_| json!([]))
    }),
    row("half its lines", CutShort, |it| {
        // A whole line is lost unseen; a part of one is not.
        let half = it.body.get(..it.body.len() / 2)?;
        (!it.is_json && half.contains(':')).then(|| response(200, "text/plain", half))
    }),
    row("half its bytes", CutShort, |it| {
        let half = it.body.get(..it.body.len() / 2)?;
        it.is_json.then(|| ServerResponse::json(200, half))
    }),
    row("with another document behind it", Media, |it| {
        Some(ServerResponse::json(200, format!("{}{{}}", it.json()?)))
    }),
    row("with a script behind it", Media, |it| {
        Some(ServerResponse::json(
            200,
            format!("{}<script src=\"/p.js\"></script>", it.json()?),
        ))
    }),
    row("with a guard before it", Media, |it| {
        Some(ServerResponse::json(200, format!(")]}}',\n{}", it.json()?)))
    }),
    row("in a call", Media, |it| {
        Some(ServerResponse::json(
            200,
            format!("callback({});", it.json()?),
        ))
    }),
    row("one line an item", Media, |it| {
        let value = it.json()?;
        let lines: Vec<String> = value
            .pointer(it.items?)?
            .as_array()?
            .iter()
            .map(Value::to_string)
            .collect();
        Some(ServerResponse::json(200, lines.join("\n")))
    }),
    row("said to be Latin-1", Media, |it| {
        Some(response(
            200,
            &format!("{}; charset=iso-8859-1", it.media()),
            &it.body,
        ))
    }),
    row("said to be packed by deflate", Media, |it| {
        Some(ServerResponse::new(
            200,
            &[
                ("content-type", it.media()),
                ("content-encoding", "deflate"),
            ],
            it.body.as_bytes(),
        ))
    }),
    row("said to be packed by zstd", Media, |it| {
        Some(ServerResponse::new(
            200,
            &[("content-type", it.media()), ("content-encoding", "zstd")],
            it.body.as_bytes(),
        ))
    }),
    row("said to be a web page", Media, |it| {
        Some(response(200, "text/html", &it.body))
    }),
    row("said to be XML", Media, |it| {
        Some(response(200, "application/xml", &it.body))
    }),
    row("said to be an image", Media, |it| {
        Some(response(200, "image/png", &it.body))
    }),
    row("said to be UTF-16", Media, |it| {
        Some(response(
            200,
            &format!("{}; charset=utf-16", it.media()),
            &it.body,
        ))
    }),
    row("said to be packed", Media, |it| {
        Some(ServerResponse::new(
            200,
            &[("content-type", it.media()), ("content-encoding", "gzip")],
            it.body.as_bytes(),
        ))
    }),
    row("packed in another way", Media, |it| {
        Some(ServerResponse::new(
            200,
            &[("content-type", it.media()), ("content-encoding", "br")],
            it.body.as_bytes(),
        ))
    }),
    row("UTF-16", Media, |it| {
        let units: Vec<u8> = it.body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        it.is_json.then(|| ServerResponse::json(200, units))
    }),
    row("as it is", Harmless, |it| {
        Some(response(200, it.media(), &it.body))
    }),
    row("with its charset", Harmless, |it| {
        Some(response(
            200,
            &format!("{}; charset=UTF-8", it.media()),
            &it.body,
        ))
    }),
    row("with blanks", Harmless, |it| {
        Some(response(
            200,
            "application/json",
            &serde_json::to_string_pretty(&it.json()?).unwrap(),
        ))
    }),
    row("with a byte order mark", Harmless, |it| {
        Some(ServerResponse::json(200, format!("\u{feff}{}", it.json()?)))
    }),
    row("with its members in another order", Harmless, |it| {
        let Value::Object(members) = it.json()? else {
            return None;
        };
        let parts: Vec<String> = members
            .iter()
            .rev()
            .map(|(name, value)| format!("{}:{value}", json!(name)))
            .collect();
        Some(ServerResponse::json(
            200,
            format!("{{{}}}", parts.join(",")),
        ))
    }),
    row("with a new member in every item", Harmless, |it| {
        it.with_items(|items| {
            items
                .into_iter()
                .map(|mut item| {
                    if let Value::Object(members) = &mut item {
                        members.insert("NewSince2027".to_owned(), json!({"x": [1]}));
                    }
                    item
                })
                .collect()
        })
    }),
    row("with words that nothing is wrong", Harmless, |it| {
        let mut value = it.json()?;
        let members = value.as_object_mut()?;
        // What has no list may be a map, or a thing of which every member counts.
        it.items?;
        for (name, word) in [
            ("error", Value::Null),
            ("errors", json!([])),
            ("code", json!(0)),
            ("ok", json!(true)),
        ] {
            members.entry(name).or_insert(word);
        }
        Some(ok_json(&value))
    }),
    row("packed", Harmless, |it| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(it.body.as_bytes()).unwrap();
        let headers = [("content-type", it.media()), ("content-encoding", "gzip")];
        Some(ServerResponse::new(
            200,
            &headers,
            &packed.finish().unwrap(),
        ))
    }),
];

/// With nothing in its list and no count, and members beside it that say why.
fn emptied_with(it: &Original, members: &str) -> Option<ServerResponse> {
    let mut value = it.json()?;
    *value.pointer_mut(it.items?)? = json!([]);
    for place in it.counts {
        *value.pointer_mut(place)? = json!(0);
    }
    let mut object = match value {
        Value::Object(object) => object,
        list => Map::from_iter([("data".to_owned(), list)]),
    };
    object.remove("success");
    object.remove("status");
    let rest = Value::Object(object).to_string();
    let rest = rest.trim_start_matches('{');
    Some(ServerResponse::json(200, format!("{{{members},{rest}")))
}

/// With its list a second time, one of the two empty.
fn twice(it: &Original, first: bool) -> Option<ServerResponse> {
    let Value::Object(members) = it.json()? else {
        return None;
    };
    let name = it.items?.strip_prefix('/')?;
    members.get(name)?;
    let empty = format!("{}:[]", json!(name));
    let own = Value::Object(members).to_string();
    let own = own.strip_prefix('{')?.strip_suffix('}')?;
    let parts = if first {
        format!("{empty},{own}")
    } else {
        format!("{own},{empty}")
    };
    Some(ServerResponse::json(200, format!("{{{parts}}}")))
}

/// With the last item replaced.
fn append(mut items: Vec<Value>, item: Value) -> Value {
    if let Some(last) = items.last_mut() {
        *last = item;
    }
    items.into()
}

/// With another count in one place. An answer that has nothing else to hold a count against has none of these.
fn change_count(it: &Original, at: usize, change: fn(i64) -> Value) -> Option<ServerResponse> {
    let mut value = it.json()?;
    let place = value.pointer_mut(it.counts.get(at)?)?;
    *place = change(place.as_i64()?);
    Some(ok_json(&value))
}

/// With every list of an object that is a map of lists changed.
fn map_body(it: &Original, change: fn(&Value) -> Value) -> Option<ServerResponse> {
    let Value::Object(members) = it.json()? else {
        return None;
    };
    if it.items.is_some() || !members.values().all(Value::is_array) {
        return None;
    }
    let changed = members
        .iter()
        .map(|(name, list)| (name.clone(), change(list)));
    Some(ok_json(&Value::Object(changed.collect())))
}
