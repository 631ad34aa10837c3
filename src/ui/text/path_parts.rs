//! Where to cut an address or a path that is wider than its columns: not at its end, for there is the name of the file,
//! and not at its beginning, for there is the host. What goes first is the query, then what is in the middle, then the
//! scheme.

/// Narrower than this a cut in the middle leaves nothing to recognise.
const MIN_COLUMNS: usize = 8;
/// No scheme is longer.
const MAX_SCHEME_BYTES: usize = 24;

/// An address or a path, by the places of its parts in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathParts {
    /// Where the host begins.
    host_start: usize,
    /// Where it ends; of a path where its root ends.
    host_end: usize,
    /// Where the last part of the path begins, with its separator.
    file_start: usize,
    /// Where the path ends and the query begins.
    path_end: usize,
    /// Its host is one of a network, and not the root of a path.
    has_network_host: bool,
}

/// A part of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes of the value.
    Part(usize, usize),
    /// The sign of a cut.
    Ellipsis,
}

/// How wide parts of a value are; a part is named by where it begins and ends, in bytes.
pub(super) trait Measure {
    /// The columns of a part.
    fn width(&self, from: usize, to: usize) -> usize;
    /// Where a part ends of which so many columns are shown from its beginning.
    fn prefix_end(&self, from: usize, to: usize, columns: usize) -> usize;
    /// Where a part begins of which so many columns are shown to its end.
    fn suffix_start(&self, from: usize, to: usize, columns: usize) -> usize;
}

/// Letters of one byte and one column.
pub(super) struct AsciiMeasure;

impl Measure for AsciiMeasure {
    fn width(&self, from: usize, to: usize) -> usize {
        to.saturating_sub(from)
    }

    fn prefix_end(&self, from: usize, to: usize, columns: usize) -> usize {
        to.min(from.saturating_add(columns))
    }

    fn suffix_start(&self, from: usize, to: usize, columns: usize) -> usize {
        from.max(to.saturating_sub(columns))
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// The place of the first byte that is one of these, from one on; the end where there is none.
fn find_byte(bytes: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| is(*byte))
        .map_or(bytes.len(), |at| from + at)
}

/// Where a scheme with its `://` ends, if a value begins with one.
fn scheme_end(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..bytes.len().min(MAX_SCHEME_BYTES))?;
    let at = head.windows(3).position(|window| window == b"://")?;
    let letters = head.get(..at)?;
    let is_scheme = letters
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    (at > 0 && is_scheme).then_some(at + 3)
}

impl PathParts {
    /// The parts of a value that is an address or a path.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let ends_host = |byte: u8| matches!(byte, b'/' | b'\\' | b'?' | b'#');
        let (scheme, host, named) = match (scheme_end(bytes), bytes) {
            (Some(scheme), _) => (scheme, find_byte(bytes, scheme, ends_host), true),
            (None, [drive, b':', root, ..])
                if drive.is_ascii_alphabetic() && is_separator(*root) =>
            {
                (0, 3, false)
            }
            (None, [b'\\', b'\\', ..]) => (0, find_byte(bytes, 2, is_separator), true),
            (None, [b'/', ..]) => (0, 1, false),
            (None, [b'~', b'/', ..]) => (0, 2, false),
            (None, _) => {
                let end = find_byte(bytes, 0, |byte| byte == b'/');
                let host = bytes.get(..end).filter(|_| end < bytes.len())?;
                let is_host = |byte: &u8| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':')
                };
                (host.contains(&b'.') && host.iter().all(is_host)).then_some((0, end, true))?
            }
        };
        let path = if named {
            find_byte(bytes, host, |byte| matches!(byte, b'?' | b'#'))
        } else {
            bytes.len()
        };
        let inside = bytes.get(host..path).unwrap_or_default();
        let kept = inside.iter().rposition(|byte| !is_separator(*byte));
        let kept = inside
            .get(..kept.map_or(0, |at| at + 1))
            .unwrap_or_default();
        let file = kept.iter().rposition(|byte| is_separator(*byte));
        Some(Self {
            host_start: scheme,
            host_end: host,
            file_start: host + file.unwrap_or(0),
            path_end: path,
            has_network_host: named,
        })
    }

    /// What is shown of a value of so many bytes that is wider than these columns.
    pub(super) fn pieces(
        self,
        measure: &impl Measure,
        length: usize,
        columns: usize,
    ) -> Option<Vec<Piece>> {
        use Piece::{Ellipsis, Part};
        let Self {
            host_start: scheme,
            host_end: host,
            file_start: file,
            path_end: path,
            has_network_host: named,
        } = self;
        if columns < MIN_COLUMNS {
            return None;
        }
        let queried = path < length;
        let query = usize::from(queried);
        let with_query = |mut pieces: Vec<Piece>| {
            pieces.extend(queried.then_some(Ellipsis));
            Some(pieces)
        };
        let width = |from, to| measure.width(from, to);
        // All but the query fits.
        if queried && width(0, path) < columns {
            return Some(vec![
                Part(0, measure.prefix_end(0, length, columns - 1)),
                Ellipsis,
            ]);
        }
        let last = width(file, path);
        let room = columns.saturating_sub(1 + last + query);
        // Host and file name, and as much between them as there is room for; without the scheme, if need be.
        for begin in [0, scheme] {
            if width(begin, host) > room || file == path {
                continue;
            }
            let head = measure.prefix_end(begin, file, room);
            if head < file {
                return with_query(vec![Part(begin, head), Ellipsis, Part(file, path)]);
            }
            // What would be cut is the scheme alone.
            if begin > 0 {
                return with_query(vec![Ellipsis, Part(begin, path)]);
            }
        }
        let name = width(scheme, host);
        if name + MIN_COLUMNS / 2 <= columns && path > host {
            let begin = measure.suffix_start(host, path, columns - name - 1);
            return Some(vec![Part(scheme, host), Ellipsis, Part(begin, path)]);
        }
        if name < columns {
            let end = measure.prefix_end(scheme, length, columns - 1);
            return Some(vec![Part(scheme, end), Ellipsis]);
        }
        if named {
            // The end of a host says whose it is.
            let half = (columns - 1) / 2;
            let begin = measure.suffix_start(scheme, host, columns - 1 - half);
            let end = measure.prefix_end(scheme, begin, half);
            return Some(vec![Part(scheme, end), Ellipsis, Part(begin, host)]);
        }
        let begin = measure.suffix_start(0, length, columns - 1);
        Some(vec![Ellipsis, Part(begin, length)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, columns: usize) -> String {
        let Some(place) = PathParts::parse(text.as_bytes()).filter(|_| text.len() > columns) else {
            return text.to_owned();
        };
        let pieces = place.pieces(&AsciiMeasure, text.len(), columns);
        let pieces = pieces.unwrap_or_default().into_iter();
        let words = pieces.map(|piece| match piece {
            Piece::Part(from, to) => text.get(from..to).unwrap_or_default(),
            Piece::Ellipsis => "…",
        });
        words.collect()
    }

    #[test]
    fn host_and_file_name_stay() {
        let address = "https://citrix.northlake.example/logon/LogonPoint/index.html";
        assert_eq!(
            cut(address, 50),
            "https://citrix.northlake.example/logon…/index.html"
        );
        assert_eq!(
            cut(address, 44),
            "https://citrix.northlake.example…/index.html"
        );
        assert_eq!(cut(address, 37), "citrix.northlake.example/…/index.html");
        assert_eq!(cut(address, 30), "citrix.northlake.example….html");
        assert_eq!(cut(address, 25), "citrix.northlake.example…");
        assert_eq!(cut(address, 15), "citrix.…example");
    }

    #[test]
    fn the_query_goes_first() {
        let address = "https://sso.example/adfs/ls/?client-request-id=1234567890";
        assert_eq!(cut(address, 30), "https://sso.example/adfs/ls/?…");
        assert_eq!(cut(address, 26), "https://sso.example/…/ls/…");
    }

    #[test]
    fn of_a_path_the_name_of_the_file_stays() {
        let path = r"C:\Users\marta\AppData\Local\Temp\7zS4C\installer.exe";
        assert_eq!(cut(path, 24), r"C:\Users\…\installer.exe");
        assert_eq!(cut(path, 14), r"C:\…taller.exe");
        assert_eq!(
            cut("/usr/share/very/long/way/name.txt", 16),
            "/usr/s…/name.txt"
        );
    }

    #[test]
    fn what_is_no_place_is_none() {
        for text in [
            "marta.weber@sample.example",
            "a/b",
            "n/a",
            "word (a or b)",
            "",
        ] {
            assert_eq!(PathParts::parse(text.as_bytes()), None, "{text}");
        }
        assert!(PathParts::parse(b"vpn.example/remote/login").is_some());
    }

    #[test]
    fn no_cut_is_wider_than_its_columns_nor_hides_that_it_is_one() {
        let texts = [
            "https://a.example/",
            "https://citrix.northlake.example/logon/LogonPoint/index.html",
            "https://h.example?q=1234567890123456789012345678901234567890",
            "android://hash==@com.example.app/",
            r"\\server.corp.example\share\folder\file.docx",
            r"C:\x",
            "////////////////////////////////////",
            "vpn.example/remote/login/////////////////",
        ];
        for text in texts {
            for columns in 8..text.len() {
                let shown = cut(text, columns);
                assert!(
                    shown.chars().count() <= columns,
                    "{text} {columns}: {shown}"
                );
                assert!(shown.contains('…'), "{text} {columns}: {shown}");
            }
        }
    }
}
