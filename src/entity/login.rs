//! Logins: the form in which they are compared, and the one in which they are shown.

use super::host;
use std::borrow::Cow;

/// The form in which logins are compared: that of [`display_login`], with the host of an address in its one normal form.
pub fn normalized_login(login: &[u8]) -> Cow<'_, [u8]> {
    let shown = display_login(login);
    let Some(at) = memchr::memrchr(b'@', &shown) else {
        return shown;
    };
    let domain = &shown[at + 1..];
    match host::normalize(domain) {
        normal if *normal == *domain => {}
        normal => return [&shown[..=at], &normal].concat().into(),
    }
    shown
}

/// What to call a login: edge blanks cut, lower case where it is UTF-8.
pub fn display_login(login: &[u8]) -> Cow<'_, [u8]> {
    let cut = login.trim_ascii();
    let stays = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    // Nearly all are like this. Every byte is looked at, which is quicker than to stop at one.
    if cut.iter().fold(true, |all, byte| all & stays(byte)) {
        return cut.into();
    }
    match std::str::from_utf8(cut) {
        Ok(text) => {
            let text = text.trim();
            if text.chars().all(|c| c.is_lowercase() || !c.is_alphabetic()) {
                text.as_bytes().into()
            } else {
                text.to_lowercase().into_bytes().into()
            }
        }
        Err(_) => cut.to_ascii_lowercase().into(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn logins_compare_without_case_and_edge_blanks() {
        assert_eq!(
            &*normalized_login(" M.Ortega@NorthWind.example\t"),
            b"m.ortega@northwind.example"
        );
        assert_eq!(&*normalized_login("ÉVA"), "éva".as_bytes());
        assert_eq!(&*normalized_login("\u{b}a-b_9@c\u{a0}"), b"a-b_9@c");
        assert_eq!(&*normalized_login("a b\u{1}"), b"a b\x01");
        assert_eq!(&*normalized_login(b"A\xffB"), b"a\xffb");
        for one in [
            "maya@münchen.example",
            "Maya@MÜNCHEN.example.",
            "maya@xn--mnchen-3ya.example",
        ] {
            assert_eq!(
                &*normalized_login(one),
                b"maya@xn--mnchen-3ya.example",
                "{one}"
            );
        }
    }

    fn normalized_login(login: impl AsRef<[u8]>) -> Vec<u8> {
        super::normalized_login(login.as_ref()).into_owned()
    }
}
