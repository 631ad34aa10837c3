//! What a spreadsheet takes a cell for. Excel, LibreOffice and their kin read every cell of a CSV file as if it had been
//! typed: digits become a number and lose what does not fit one, `3-4` becomes a day, `12E34567` a power of ten. What
//! becomes a day or a number depends on the language and country of whoever opens the file, so that all usual ones
//! count here: a cell too many with an apostrophe is named in its column and loses nothing, one too few is lost.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// A number of more digits is shown with an exponent.
const MAX_DIGITS: usize = 11;

/// Words that become a truth value.
const BOOL_WORDS: &[&str] = &[
    "true",
    "false",
    "wahr",
    "falsch",
    "vrai",
    "faux",
    "verdadero",
    "falso",
    "vero",
    "verdadeiro",
    "waar",
    "onwaar",
    "sant",
    "falskt",
    "sand",
    "falsk",
    "prawda",
    "fałsz",
    "истина",
    "ложь",
];

/// Words that become an error.
const ERROR_WORDS: &[&str] = &[
    "#n/a", "#nv", "#ref!", "#bezug!", "#null!", "#div/0!", "#name?", "#num!", "#zahl!", "#value!",
    "#wert!", "#valeur!", "#nom?", "#nombre!", "#spill!", "#calc!",
];

/// The beginnings by which a month is known, in English, German, French, Spanish, Italian, Portuguese, Dutch, the
/// languages of the North, Polish, Czech, Turkish and Russian.
const MONTH_PREFIXES: &[&str] = &[
    "jan",
    "january",
    "januar",
    "jän",
    "jänner",
    "janv",
    "janvier",
    "ene",
    "enero",
    "gen",
    "gennaio",
    "janeiro",
    "januari",
    "feb",
    "february",
    "februar",
    "fév",
    "févr",
    "février",
    "fevr",
    "fevrier",
    "febrero",
    "febbraio",
    "fev",
    "fevereiro",
    "februari",
    "mar",
    "march",
    "mär",
    "märz",
    "mrz",
    "maerz",
    "mars",
    "marzo",
    "março",
    "maart",
    "mrt",
    "apr",
    "april",
    "avr",
    "avril",
    "abr",
    "abril",
    "aprile",
    "may",
    "mai",
    "mayo",
    "mag",
    "maggio",
    "maio",
    "mei",
    "jun",
    "june",
    "juni",
    "juin",
    "junio",
    "giu",
    "giugno",
    "junho",
    "jul",
    "july",
    "juli",
    "juil",
    "juillet",
    "julio",
    "lug",
    "luglio",
    "julho",
    "aug",
    "august",
    "août",
    "aout",
    "ago",
    "agosto",
    "augustus",
    "sep",
    "sept",
    "september",
    "septembre",
    "septiembre",
    "set",
    "settembre",
    "setembro",
    "oct",
    "october",
    "okt",
    "oktober",
    "octobre",
    "octubre",
    "ott",
    "ottobre",
    "out",
    "outubro",
    "nov",
    "november",
    "novembre",
    "noviembre",
    "novembro",
    "dec",
    "december",
    "dez",
    "dezember",
    "déc",
    "décembre",
    "decembre",
    "dic",
    "diciembre",
    "dicembre",
    "dezembro",
    "maj",
    "augusti",
    "marts",
    "mars",
    "desember",
    "des",
    "tammi",
    "helmi",
    "maalis",
    "huhti",
    "touko",
    "kesä",
    "heinä",
    "elo",
    "syys",
    "loka",
    "marras",
    "joulu",
    "sty",
    "stycznia",
    "styczeń",
    "lut",
    "lutego",
    "luty",
    "marca",
    "marzec",
    "kwi",
    "kwietnia",
    "kwiecień",
    "maja",
    "cze",
    "czerwca",
    "czerwiec",
    "lip",
    "lipca",
    "lipiec",
    "sie",
    "sierpnia",
    "sierpień",
    "wrz",
    "września",
    "wrzesień",
    "paź",
    "października",
    "październik",
    "lis",
    "listopada",
    "listopad",
    "gru",
    "grudnia",
    "grudzień",
    "led",
    "ledna",
    "leden",
    "úno",
    "února",
    "únor",
    "bře",
    "března",
    "březen",
    "dub",
    "dubna",
    "duben",
    "kvě",
    "května",
    "květen",
    "čvn",
    "června",
    "červen",
    "čvc",
    "července",
    "červenec",
    "srp",
    "srpna",
    "srpen",
    "zář",
    "září",
    "říj",
    "října",
    "říjen",
    "listopadu",
    "pro",
    "prosince",
    "prosinec",
    "oca",
    "ocak",
    "şub",
    "şubat",
    "mart",
    "nis",
    "nisan",
    "mayıs",
    "haz",
    "haziran",
    "tem",
    "temmuz",
    "ağu",
    "ağustos",
    "eyl",
    "eylül",
    "eki",
    "ekim",
    "kas",
    "kasım",
    "ara",
    "aralık",
    "янв",
    "января",
    "январь",
    "фев",
    "февраля",
    "февраль",
    "мар",
    "марта",
    "март",
    "апр",
    "апреля",
    "апрель",
    "мая",
    "май",
    "июн",
    "июня",
    "июнь",
    "июл",
    "июля",
    "июль",
    "авг",
    "августа",
    "август",
    "сен",
    "сентября",
    "сентябрь",
    "окт",
    "октября",
    "октябрь",
    "ноя",
    "ноября",
    "ноябрь",
    "дек",
    "декабря",
    "декабрь",
];

/// Other words that stand in a day or an amount.
const DATE_AND_AMOUNT_WORDS: &[&str] = &[
    "am", "pm", "a", "p", "t", "z", "e", "kr", "chf", "fr", "eur", "usd", "gbp", "zł", "kč", "ft",
    "r", "de", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "sa", "so",
    "uhr", "h", "午前", "午後", "上午", "下午", "오전", "오후", "令和", "平成", "昭和", "tl", "rp",
    "rm", "лв", "грн", "руб", "р", "年", "月", "日", "時", "分", "秒", "年度", "년", "월", "일",
];

/// Letters that mean something behind a number only, and only apart from it.
const NUMBER_SUFFIXES: &[&str] = &[
    "am", "pm", "a", "p", "t", "z", "h", "r", "e", "de", "mo", "di", "mi", "do", "sa", "so",
];

/// Whether a spreadsheet would show something else than the text of a cell.
pub(super) fn is_changed(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() || text.len() > 64 {
        return text.len() > 64 && is_long_number(text);
    }
    let foreign = !text.is_ascii();
    let text: String = text
        .chars()
        .map(fold_char)
        .flat_map(char::to_lowercase)
        .collect();
    if BOOL_WORDS.contains(&&*text) || ERROR_WORDS.contains(&&*text) {
        return true;
    }
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that were no ASCII ones become such.
        return foreign || text.len() > MAX_DIGITS || (text.len() > 1 && text.starts_with('0'));
    }
    is_number_or_day(&text)
}

/// As many digits as no cell holds, with nothing but what a number has between them.
fn is_long_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .map(fold_char)
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | 'e' | 'E' | '+' | '-' | ' '))
}

/// The character that a spreadsheet may take one for: digits of other scripts, full width, blanks of all kinds.
fn fold_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c)
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2019}' => '\'',
        c if c.is_ascii() => c,
        c if c.is_whitespace() || c.general_category() == GeneralCategory::SpaceSeparator => ' ',
        // Which digit it is does not matter here.
        c if c.general_category() == GeneralCategory::DecimalNumber => '0',
        c => c,
    }
}

/// Of a lower-case text with at least one digit and something else.
fn is_number_or_day(text: &str) -> bool {
    let (mut groups, mut words, mut signs) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c: char| match first {
            c0 if c0.is_ascii_digit() => c.is_ascii_digit(),
            c0 if c0.is_alphabetic() => c.is_alphabetic(),
            _ => !c.is_ascii_digit() && !c.is_alphabetic(),
        };
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if first.is_ascii_digit() {
            groups.push(part);
        } else if first.is_alphabetic() {
            words.push(part);
        } else {
            signs.extend(part.chars());
        }
        rest = after;
    }
    let known = |word: &&str| MONTH_PREFIXES.contains(word) || DATE_AND_AMOUNT_WORDS.contains(word);
    if !words.iter().all(known) {
        return false;
    }
    let weak = |word: &&str| NUMBER_SUFFIXES.contains(word);
    if text.starts_with(char::is_alphabetic) && words.first().is_some_and(weak)
        || (signs.is_empty() && words != ["e"] && words.iter().all(weak))
    {
        return false;
    }
    let currency = |c: &char| c.general_category() == GeneralCategory::CurrencySymbol;
    let sign = |c: &char| " .,/-:'%()+".contains(*c) || currency(c);
    if !signs.iter().all(sign) {
        return false;
    }
    let only = |wanted: char| words.is_empty() && signs.iter().all(|c| *c == wanted);
    let thousands = || groups.iter().skip(1).all(|group| group.len() == 3);
    if only('.') && groups.len() > 3 {
        // An IPv4 address stays, but where it can be read as thousands between dots.
        return thousands();
    }
    if only(':') {
        // A time has two colons at most; more are an IPv6 or a hardware address.
        return signs.len() < 3 && !text.starts_with(':') && !text.contains("::");
    }
    if only('-') && groups.len() > 1 {
        // Of a day, a month and a year. More or longer groups are a telephone number or a UUID.
        return groups.len() <= 3 && groups.iter().all(|group| group.len() <= 4);
    }
    if words == ["e"] && signs.iter().all(|c| "+-.,".contains(*c)) {
        // A power of ten has its letter between digits.
        let at = text.find('e').unwrap_or_default();
        let behind = text[at + 1..].trim_start_matches(['+', '-']);
        return at > 0 && !behind.is_empty() && behind.bytes().all(|byte| byte.is_ascii_digit());
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_a_number_a_day_or_a_truth_is_changed() {
        for text in [
            // Digits that are lost, or that a number does not need.
            "007",
            "00",
            "0049151123456",
            "123456789012",
            "491511234567890123",
            "12345678901234567890",
            "9007199254740993",
            "0000123",
            // Powers of ten, also where they are a hash.
            "1E5",
            "1e5",
            "5E10",
            "12E34567",
            "1.5e3",
            "1,5E-3",
            "1E+5",
            "0e0",
            "1234567890123456789012345678e123",
            // Days, months, times.
            "3-4",
            "1/2",
            "1-2-24",
            "2024-01-02",
            "2024/1/2",
            "1.2.",
            "1.2.2024",
            "01.02.03",
            "3/4/2025",
            "MAR1",
            "Mar-1",
            "1-Mar",
            "1 Mar",
            "1Mar2024",
            "Mar 1, 2024",
            "SEPT2",
            "DEC1",
            "OCT4",
            "jan1990",
            "1. März",
            "3 août",
            "Okt-12",
            "May 2024",
            "2024-01-02T10:00:00Z",
            "2024-01-02 10:00",
            "1:30",
            "1:30:05",
            "12:30:45.5",
            "1:30 PM",
            "1 am",
            "2024年1月2日",
            "1 января",
            "янв-1",
            "1 lut",
            "Oca-2024",
            "3 maj",
            "下午1:30",
            "오후 1:30",
            // Amounts, shares, fractions, thousands.
            "5%",
            "5 %",
            "$5",
            "5 €",
            "£1.50",
            "5 kr",
            "5 TL",
            "5 руб",
            "1 1/2",
            "1,234",
            "1.234",
            "1.234.567",
            "1 234",
            "1\u{a0}234",
            "1\u{202f}234",
            "1'234",
            "1.5",
            "1,5",
            "1.50",
            ".5",
            "5.",
            "(5)",
            "5-",
            "192.168.100.100",
            // Truths and errors.
            "TRUE",
            "false",
            "Wahr",
            "FAUX",
            "#N/A",
            "#REF!",
            // Other digits and widths.
            "０１２",
            "１２３",
            "٠١٢",
            "1／2",
            // Blanks at the edges do not save it.
            " 007",
            "3-4 ",
            "\u{a0}1E5",
        ] {
            assert!(is_changed(text), "{text}");
        }
    }

    #[test]
    fn what_is_shown_as_it_is_stays() {
        for text in [
            "",
            "0",
            "7",
            "42",
            "12345678901",
            "ana",
            "ana@acme.example",
            "DESKTOP-1",
            "王伟",
            "mars",
            "may",
            "sept",
            "e5",
            "5e",
            "e",
            "10.0.0.1",
            "192.168.1.20",
            "2001:db8::1",
            "::1",
            "00:1a:2b:3c:4d:5e",
            "1:2:3:4:5:6:7:8",
            "f3a1e2",
            "12e34f",
            "12ab",
            "0x1f",
            "12345678-1234-1234-1234-123456789012",
            "030-1234567",
            "v1.2",
            "maya1",
            "market1",
            "1st",
            "3rd",
            "24h7",
            "a1",
            "p2",
            "7z",
            "1a",
            "jan@x.example",
            "acme-pd:leak:007",
            "open",
            "#1",
            "1;2",
            "a,b",
        ] {
            assert!(!is_changed(text), "{text}");
        }
    }

    #[test]
    fn whatever_a_date_library_writes_is_changed() {
        let formats = [
            "%Y-%m-%d",
            "%d/%m/%Y",
            "%m/%d/%y",
            "%d.%m.%Y",
            "%-d-%b",
            "%b-%y",
            "%-d %B %Y",
            "%B %-d, %Y",
            "%b%-d",
            "%-d%b%Y",
            "%-m/%-d",
            "%-m-%-d",
            "%H:%M",
            "%H:%M:%S",
            "%-I:%M %p",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%SZ",
            "%d %b %Y %H:%M",
            "%a %-d %b",
        ];
        let mut at = jiff::civil::date(1999, 1, 3).at(1, 5, 9, 0);
        for _ in 0..40 {
            for format in formats {
                let text = at.strftime(format).to_string();
                assert!(is_changed(&text), "{text}");
            }
            at += jiff::Span::new().days(271).hours(5).minutes(7);
        }
    }

    #[test]
    fn numbers_of_every_length_are_changed_where_they_lose_digits() {
        for length in 1..=200 {
            let plain = "1234567890".repeat(20)[..length].to_owned();
            assert_eq!(is_changed(&plain), length > 11, "{plain}");
            assert!(is_changed(&format!("0{plain}")));
            assert!(is_changed(&format!("{plain}e1")) && is_changed(&format!("{plain}.0")));
        }
    }
}
