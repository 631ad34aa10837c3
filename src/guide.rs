//! The guide, one page a topic: what `stanch help` shows, and the files of `assets/guide/`.
//!
//! A page joins by its file and a row here.

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its topic, as it is typed: `getting-started`.
    pub name: &'static str,
    /// What it is about, in a few words.
    pub about: &'static str,
    /// The page, as Markdown.
    pub text: &'static str,
}

macro_rules! pages {
    ($($module:ident $name:literal $about:literal;)*) => {
        $(
            #[doc = include_str!(concat!("../assets/guide/", $name, ".md"))]
            pub mod $module {}
        )*

        /// Every page, in the order in which they are best read.
        pub const PAGES: &[Page] = &[$(Page {
            name: $name,
            about: $about,
            text: include_str!(concat!("../assets/guide/", $name, ".md")),
        }),*];
    };
}

pages! {
    getting_started "getting-started" "install, configure, and fix the first leaks";
    keys "keys" "every key of the console";
    filter "filter" "the filter language";
    jobs "jobs" "plans, jobs, read-back, undo, and what is kept where";
    providers "providers" "the services, and what each can do";
    files "files" "leaks from files: stealer logs, lists, tables";
    teams "teams" "one store for several hosts";
    watch "watch" "what is new, what came back, what is disputed";
    configuration "configuration" "every option, and the environment";
    commands "commands" "the command line for scripts, and exit codes";
    troubleshooting "troubleshooting" "what went wrong, and what to do";
    performance "performance" "figures, and how they were measured";
    architecture "architecture" "for contributors: where things are, and how to add one";
    dependencies "dependencies" "what is built in, and why";
    glossary "glossary" "the words";
}

/// The page of a topic.
pub fn page(name: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.name == name)
}
