//! Parts of a `multipart/form-data` body (RFC 7578).

use crate::fault::Fault;

/// Most parts of a body.
const MAX_PARTS: usize = 32;

/// One part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    pub(crate) body: &'a [u8],
}

/// The parts of a body with the given `Content-Type`.
pub(crate) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, Fault> {
    let bad = |message: &str| Fault::invalid(format!("the form can't be read: {message}"));
    let boundary = content_type.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    let boundary = boundary.filter(|(name, _)| name.eq_ignore_ascii_case("boundary")).map(|(_, value)| value);
    let boundary = boundary.map(|value| value.trim_matches('"')).find(|value| !value.is_empty());
    let edge = format!("--{}", boundary.ok_or_else(|| bad("its Content-Type names no boundary"))?);
    let mut rest = match find(body, edge.as_bytes()) {
        Some(at) => &body[at + edge.len()..],
        None => return Err(bad("its boundary does not appear")),
    };
    let inner = format!("\r\n{edge}");
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        if parts.len() == MAX_PARTS {
            return Err(bad("it has too many parts"));
        }
        let end = find(part, inner.as_bytes()).ok_or_else(|| bad("its last part is not closed"))?;
        let head_end = find(&part[..end], b"\r\n\r\n").ok_or_else(|| bad("a part has no header"))?;
        let head = std::str::from_utf8(&part[..head_end]).unwrap_or_default();
        parts.push(Part { name: name_of(head), body: &part[head_end + 4..end] });
        rest = &part[end + inner.len()..];
    }
    Ok(parts)
}

fn name_of(head: &str) -> &str {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut disposition = lines.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"));
    let parameters = disposition.next().map_or("", |(_, value)| value).split(';');
    let mut names = parameters.filter_map(|parameter| parameter.trim().strip_prefix("name="));
    names.next().map_or("", |name| name.trim_matches('"'))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|&byte| byte == first) {
        if bytes[from + at..].starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_the_boundary() {
        let body = b"--x\r\nContent-Disposition: form-data; name=\"profile\"; filename=\"p\"\r\n\r\na\r\n-b\r\n--x\r\nContent-Disposition: form-data; name=labels\r\n\r\n\r\n--x--\r\n";
        let found = parts("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(found, [Part { name: "profile", body: b"a\r\n-b" }, Part { name: "labels", body: b"" }]);
        assert!(parts("multipart/form-data", body).is_err());
        for end in 1..body.len() - 10 {
            let _no_panic = parts("multipart/form-data; boundary=x", &body[..end]);
        }
        assert!(parts("multipart/form-data; boundary=x", &body[..40]).is_err());
    }
}
