//! What the demo data looks like: every leak is computed from the seed and its number, nothing is stored.
//!
//! Numbers grow with time: a higher number was logged on the same day or later, so newest first is simply the numbers
//! counted down. Numbers from `leaks` on are rows that were put in later; they are dated today.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::leak::{Class, Leak, push_time};
use super::rng::{SplitMix, mix, unmix};
use super::word_lists::{
    MAILERS, MALWARE, MONITORED_DOMAINS, ODD_IDS, ODD_LOGINS, SERVICES, SHOPS, SYSTEMS, WordLists,
};

/// Days that the data reaches back.
const SPAN_DAYS: u64 = 900;

/// Every how-many-th leak has an odd login, and the same on hostile data.
const ODD_EVERY: u32 = 1_667;
const ODD_EVERY_HOSTILE: u32 = 50;

/// The generator.
#[derive(Clone, Debug)]
pub(crate) struct LeakGenerator {
    word_lists: WordLists,
    seed: u64,
    leaks: u32,
    hostile: bool,
    /// The days from today backwards, `YYYY-MM-DD`.
    days: Vec<String>,
    /// Rows that were put in and are unlike others, by number.
    special: BTreeMap<u32, Special>,
    /// How often all ids were changed.
    renumbered: u64,
}

/// What is special about a row that was put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Special {
    /// Days between its being added and today; none is today.
    pub(crate) added_days_ago: Option<u32>,
    /// Nothing says when it was added.
    pub(crate) without_date: bool,
    /// It has everything but id and dates of this row.
    pub(crate) like: Option<u32>,
}

/// Rows have been added this many days ago at most.
pub(crate) const MOST_DAYS: u32 = SPAN_DAYS as u32;

impl LeakGenerator {
    /// A world of that many leaks.
    pub(crate) fn new(seed: u64, leaks: u32, today: Date, hostile: bool) -> Self {
        let mut days = Vec::with_capacity(SPAN_DAYS as usize + 1);
        let mut day = today;
        for _ in 0..=SPAN_DAYS {
            days.push(day.to_string());
            day = day.yesterday().unwrap_or(day);
        }
        Self {
            word_lists: WordLists::load(),
            seed: mix(seed ^ 0x5354_414e_4348),
            leaks,
            hostile,
            days,
            special: BTreeMap::new(),
            renumbered: 0,
        }
    }

    /// Makes a row special.
    pub(crate) fn make_special(&mut self, number: u32, special: Special) {
        self.special.insert(number, special);
    }

    /// Gives every row a new id, but for those whose id is odd.
    pub(crate) fn renumber(&mut self) {
        self.renumbered += 1;
    }

    /// As at the start.
    pub(crate) fn reset(&mut self) {
        self.special.clear();
        self.renumbered = 0;
    }

    /// The row that says what a row is like.
    fn model(&self, number: u32) -> u32 {
        let special = self.special.get(&number);
        special.and_then(|special| special.like).unwrap_or(number)
    }

    /// What stands before a number where ids are made of it.
    fn generation(&self) -> u64 {
        (self.renumbered << 32)
            .wrapping_add(1)
            .wrapping_add(self.seed)
    }

    /// Whether it was fixed before the server started: about 12 in 100.
    pub(crate) fn is_fixed_at_start(&self, number: u32) -> bool {
        self.hash_u64(number, 1) % 100 < 12
    }

    /// Whether its status counts as never set, where that is asked for: about one in 100.
    pub(crate) fn is_never_set(&self, number: u32) -> bool {
        self.hash_u64(number, 2).is_multiple_of(100)
    }

    /// The leak's class alone, much cheaper than the leak.
    pub(crate) fn class(&self, number: u32) -> Class {
        match self.hash_u64(self.model(number), 3) % 100 {
            0..38 => Class::Organization,
            38..66 => Class::Vendor,
            66..96 => Class::Customer,
            _ => Class::Personal,
        }
    }

    /// A number below `bound` that depends on `turn` alone.
    pub(crate) fn pick(&self, turn: u64, bound: u32) -> u32 {
        (mix(self.seed ^ mix(turn ^ 0x7069_636b)) % u64::from(bound.max(1))) as u32
    }

    fn hash_u64(&self, number: u32, salt: u64) -> u64 {
        mix(self.seed ^ (u64::from(number) << 8) ^ salt)
    }

    /// Writes the leak's id.
    pub(crate) fn write_id(&self, number: u32, into: &mut String) {
        into.clear();
        if let Some(odd) = self.odd_id(number) {
            into.push_str(odd);
            return;
        }
        let high = mix(u64::from(number).wrapping_add(self.generation()));
        let _ = write!(into, "{high:016x}{:016x}", self.check(high));
    }

    /// The number behind an id of this world, whether or not such a row exists.
    pub(crate) fn find_number(&self, id: &str) -> Option<u32> {
        if let Some(place) = ODD_IDS.iter().position(|odd| *odd == id) {
            let number = self.odd_id_number(place)?;
            return Some(number);
        }
        if id.len() != 32 || !id.is_ascii() {
            return None;
        }
        let high = u64::from_str_radix(&id[..16], 16).ok()?;
        let low = u64::from_str_radix(&id[16..], 16).ok()?;
        if low != self.check(high) {
            return None;
        }
        let number = unmix(high).wrapping_sub(self.generation());
        let number = u32::try_from(number).ok()?;
        self.odd_id(number).is_none().then_some(number)
    }

    fn check(&self, high: u64) -> u64 {
        mix(high ^ self.seed.rotate_left(17))
    }

    fn odd_id_number(&self, place: usize) -> Option<u32> {
        let back = [8, 31, 77].get(place)?;
        (self.hostile && self.leaks >= 100).then(|| self.leaks - back)
    }

    fn odd_id(&self, number: u32) -> Option<&'static str> {
        if !self.hostile {
            return None;
        }
        ODD_IDS
            .iter()
            .enumerate()
            .find(|(place, _)| self.odd_id_number(*place) == Some(number))
            .map(|(_, id)| *id)
    }

    /// Days before today that the leak was logged. Monotone in the number.
    fn age(&self, number: u32) -> usize {
        if number >= self.leaks {
            return 0;
        }
        let (back, all) = (u64::from(self.leaks - 1 - number), u64::from(self.leaks));
        (SPAN_DAYS * (back * (back + all)) / (2 * all * all)) as usize
    }

    /// The day of the leak's log, `YYYY-MM-DD`.
    pub(crate) fn day(&self, number: u32) -> &str {
        self.days.get(self.age(number)).map_or("", String::as_str)
    }

    /// Computes one leak.
    pub(crate) fn fill(&self, number: u32, leak: &mut Leak) {
        let model = self.model(number);
        let mut draw = SplitMix::new(self.hash_u64(model, 4));
        let oddity = self.oddity(model);
        self.write_id(number, &mut leak.id);
        leak.class = self.class(number);
        leak.has_fine_class = draw.one_in(5);
        leak.masked_in_lists = draw.below(100) < 40;
        leak.null_blanks = draw.one_in(3);

        let person = self.person(leak.class, &mut draw);
        self.fill_login(&person, leak, &mut draw);
        self.fill_site(&person, leak, &mut draw);
        self.fill_password(&person, leak, &mut draw);
        self.fill_machine(&person, leak, &mut draw);
        self.fill_times(number, leak, &mut draw);
        if let Some(login) = oddity {
            replace(&mut leak.username, login);
            let domain = login.split_once('@').map_or("", |(_, domain)| domain);
            replace(&mut leak.email_domain, domain);
        }
    }

    fn oddity(&self, number: u32) -> Option<&'static str> {
        let every = if self.hostile {
            ODD_EVERY_HOSTILE
        } else {
            ODD_EVERY
        };
        (number % every == every / 40)
            .then(|| ODD_LOGINS[(number / every) as usize % ODD_LOGINS.len()])
    }

    fn person(&self, class: Class, draw: &mut SplitMix) -> Person {
        let leaks = u64::from(self.leaks);
        let (pool, size) = match class {
            Class::Personal => (1, 2),
            Class::Organization | Class::Vendor => (2, leaks * 66 / 500 + 1),
            Class::Customer => (3, leaks * 30 / 200 + 1),
        };
        let place = draw.skewed(size);
        let mut own = SplitMix::new(mix(self.seed ^ mix(place << 2 | pool)));
        Person {
            // Odd, so that all pairs of names come up once before a number is put behind one.
            name: (place.wrapping_mul(2_741).wrapping_add(pool * 977)) % 4_096,
            suffix: place / 4_096,
            household: if own.one_in(10) {
                place.saturating_sub(1) << 2 | pool
            } else {
                place << 2 | pool
            },
            domain: weighted_index(
                own.below(100),
                MONITORED_DOMAINS.iter().map(|domain| domain.weight),
            ),
            mailer: own.below(MAILERS.len() as u64) as usize,
            pattern: own.below(4),
            machines: 1 + u64::from(own.one_in(3)),
            country: own.skewed(self.word_lists.countries.len() as u64) as usize,
            secret: own.next(),
        }
    }

    fn names(&self, person: &Person) -> (&'static str, &'static str) {
        let (first, last) = (person.name % 64, person.name / 64);
        (
            self.word_lists.first_names[first as usize],
            self.word_lists.last_names[last as usize],
        )
    }

    fn fill_login(&self, person: &Person, leak: &mut Leak, draw: &mut SplitMix) {
        let (first, last) = self.names(person);
        let login = &mut leak.username;
        login.clear();
        match person.pattern {
            0 | 1 => {
                let _ = write!(login, "{first}.{last}");
            }
            2 => {
                let _ = write!(login, "{last}.{first}");
            }
            _ => {
                let _ = write!(login, "{first}_{last}");
            }
        }
        if person.suffix > 0 {
            let _ = write!(login, "{}", person.suffix);
        }
        let domain = match leak.class {
            Class::Personal => "sample.example.org",
            Class::Organization | Class::Vendor => MONITORED_DOMAINS[person.domain].name,
            Class::Customer => MAILERS[person.mailer],
        };
        login.push('@');
        login.push_str(domain);
        replace(&mut leak.email_domain, domain);
        // The same person, written differently: as browsers and people do.
        match draw.below(60) {
            0 => login.make_ascii_uppercase(),
            1 => login[..1].make_ascii_uppercase(),
            2 => login.push(' '),
            _ => {}
        }
    }

    fn fill_site(&self, person: &Person, leak: &mut Leak, draw: &mut SplitMix) {
        leak.url.clear();
        leak.url_domain.clear();
        let (domain, pages): (_, &[(&str, &str, u64)]) = match leak.class {
            Class::Organization => (MONITORED_DOMAINS[person.domain].name, &SERVICES),
            Class::Customer => {
                let place = weighted_index(
                    draw.below(100),
                    MONITORED_DOMAINS.iter().map(|domain| domain.weight),
                );
                (MONITORED_DOMAINS[place].name, &SHOPS)
            }
            Class::Vendor => {
                leak.domain = MONITORED_DOMAINS[person.domain].name;
                // Some logs have a login and no address.
                if !draw.one_in(60) {
                    site(&self.word_lists.vendor_sites, leak, draw);
                }
                return;
            }
            Class::Personal => {
                leak.domain = "";
                site(&self.word_lists.personal_sites, leak, draw);
                return;
            }
        };
        leak.domain = domain;
        let (host, path, _) =
            pages[weighted_index(draw.below(100), pages.iter().map(|page| page.2))];
        let dot = if host.is_empty() { "" } else { "." };
        let _ = write!(leak.url, "https://{host}{dot}{domain}{path}");
        leak.url_domain.push_str(domain);
    }

    fn fill_password(&self, person: &Person, leak: &mut Leak, draw: &mut SplitMix) {
        leak.password.clear();
        if draw.below(100) < 3 {
            return;
        }
        // Two passwords a person, so that reuse is there to be found.
        let mut own = SplitMix::new(person.secret ^ draw.below(2));
        let one = self.word_lists.password_words[own.below(64) as usize];
        let two = self.word_lists.password_words[own.below(64) as usize];
        let _ = write!(leak.password, "{one}-{two}-{:02}", own.below(100));
    }

    fn fill_machine(&self, person: &Person, leak: &mut Leak, draw: &mut SplitMix) {
        let which = draw.below(person.machines);
        let mut own = SplitMix::new(mix(self.seed ^ mix(person.household) ^ which));
        leak.device_ip.clear();
        leak.host_username.clear();
        leak.hostname.clear();
        leak.malware_path.clear();
        leak.hardware_id.clear();
        leak.os = "";
        leak.country = self.word_lists.countries[person.country];
        // A stripped log says nothing of the machine.
        match draw.below(100) {
            0..5 => {
                leak.country = "";
                return;
            }
            5..8 => return,
            _ => {}
        }
        let net = ["203.0.113", "198.51.100", "192.0.2"][own.below(3) as usize];
        let _ = write!(leak.device_ip, "{net}.{}", own.below(254) + 1);
        leak.os = SYSTEMS[own.skewed(SYSTEMS.len() as u64) as usize];
        let (first, last) = self.names(person);
        let _ = write!(leak.host_username, "{}{last}", &first[..1]);
        let prefix = ["DESKTOP", "LAPTOP", "WS"][own.below(3) as usize];
        leak.hostname.push_str(prefix);
        leak.hostname.push('-');
        for _ in 0..6 {
            let letters = b"ABCDEFGHJKLMNQRSTUWXYZ0123456789";
            leak.hostname.push(char::from(
                letters[own.below(letters.len() as u64) as usize],
            ));
        }
        let tail = MALWARE[own.below(MALWARE.len() as u64) as usize];
        let _ = write!(leak.malware_path, r"C:\Users\{}\{tail}", leak.host_username);
        // Some loggers have no hardware id: the host name and the address must do.
        if draw.below(100) >= 4 && !own.one_in(12) {
            let _ = write!(leak.hardware_id, "{:016X}", own.next());
        }
    }

    fn fill_times(&self, number: u32, leak: &mut Leak, draw: &mut SplitMix) {
        replace(&mut leak.log_date, self.day(number));
        leak.second = draw.below(86_400) as u32;
        let later = self.age(number).saturating_sub(draw.below(4) as usize);
        leak.fetched_at.clear();
        leak.fetched_at
            .push_str(self.days.get(later).map_or("", String::as_str));
        push_time(&mut leak.fetched_at, draw.below(86_400) as u32);
        let Some(special) = self.special.get(&number) else {
            return;
        };
        if let Some(ago) = special.added_days_ago {
            let day = self.days.get(ago as usize).map_or("", String::as_str);
            leak.fetched_at.replace_range(..day.len(), day);
        }
        if special.without_date {
            leak.fetched_at.clear();
        }
    }
}

/// What stays the same from one leak of a person to the next.
struct Person {
    name: u64,
    suffix: u64,
    household: u64,
    domain: usize,
    mailer: usize,
    pattern: u64,
    machines: u64,
    country: usize,
    secret: u64,
}

fn replace(text: &mut String, with: &str) {
    text.clear();
    text.push_str(with);
}

fn site(sites: &[&'static str], leak: &mut Leak, draw: &mut SplitMix) {
    let url = sites[draw.skewed(sites.len() as u64) as usize];
    leak.url.push_str(url);
    let host = url.split('/').nth(2).unwrap_or_default();
    let domain = host.split_once('.').map_or(host, |(_, domain)| domain);
    leak.url_domain.push_str(domain);
}

/// The place in a list of shares where a number falls.
fn weighted_index(number: u64, shares: impl Iterator<Item = u64>) -> usize {
    let mut left = number;
    for (place, share) in shares.enumerate() {
        if left < share {
            return place;
        }
        left -= share;
    }
    0
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jiff::civil::date;

    use super::*;

    fn world(hostile: bool) -> LeakGenerator {
        LeakGenerator::new(1, 5_000, date(2026, 3, 1), hostile)
    }

    #[test]
    fn ids_are_unique_and_lead_back_to_their_number() {
        for hostile in [false, true] {
            let world = world(hostile);
            let mut seen = HashSet::new();
            let mut id = String::new();
            let mut odd = 0;
            for number in 0..5_010 {
                world.write_id(number, &mut id);
                odd += u32::from(id.len() != 32 || !id.bytes().all(|b| b.is_ascii_hexdigit()));
                assert_eq!(world.find_number(&id), Some(number));
                assert!(seen.insert(id.clone()));
            }
            assert_eq!(odd, if hostile { 3 } else { 0 });
        }
    }

    #[test]
    fn an_id_of_another_seed_is_unknown() {
        let mut id = String::new();
        LeakGenerator::new(2, 5_000, date(2026, 3, 1), false).write_id(7, &mut id);
        assert_eq!(world(false).find_number(&id), None);
        assert_eq!(world(false).find_number("é"), None);
    }

    #[test]
    fn days_grow_with_the_number_and_end_today() {
        let world = world(false);
        for number in 1..5_000 {
            assert!(world.day(number - 1) <= world.day(number));
        }
        assert_eq!(world.day(4_999), "2026-03-01");
        assert_eq!(world.day(5_003), "2026-03-01");
        assert!(world.day(0) < "2023-11-01");
    }

    #[test]
    fn shares_are_as_documented() {
        let world = world(false);
        let (mut leak, mut fixed, mut vpn, mut odd) = (Leak::default(), 0, 0, 0);
        let mut people = HashSet::new();
        for number in 0..5_000 {
            world.fill(number, &mut leak);
            fixed += u32::from(world.is_fixed_at_start(number));
            vpn += u32::from(leak.url.contains("vpn"));
            odd += u32::from(ODD_LOGINS.contains(&leak.username.as_str()));
            people.insert(leak.username.trim().to_lowercase());
        }
        assert!((500..700).contains(&fixed), "{fixed}");
        assert!((250..350).contains(&vpn), "{vpn}");
        assert_eq!(odd, 3);
        assert!((600..2_000).contains(&people.len()), "{}", people.len());
    }
}
