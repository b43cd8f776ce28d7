//! The parameter `name`: `app.suffix{key=value,key=value}`.

use crate::fault::Fault;

/// An application's name and its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AppName {
    pub(crate) app: String,
    pub(crate) labels: Vec<(String, String)>,
}

/// Reads a name. Nothing is quoted or escaped in it; spaces around names and values do not count.
pub(crate) fn parse(text: &str) -> Result<AppName, Fault> {
    let refused = |message: String| Fault::refused("invalid_labels", message);
    let (app, rest) = match text.split_once('{') {
        Some((app, rest)) => (app, Some(rest)),
        None => (text, None),
    };
    let app = app.trim().to_owned();
    if app.is_empty() {
        return Err(Fault::refused("missing_labels", "the parameter `name` is missing: give the application's name"));
    }
    let mut labels = Vec::new();
    if let Some(rest) = rest {
        let Some(inside) = rest.trim_end().strip_suffix('}') else {
            return Err(refused(format!("the labels of the name {text:?} are not closed by \"}}\"")));
        };
        for pair in inside.split(',').filter(|pair| !pair.trim().is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(refused(format!("the label {pair:?} of the name {text:?} has no \"=\"")));
            };
            if name.trim().is_empty() {
                return Err(refused(format!("a label of the name {text:?} has no name")));
            }
            labels.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Ok(AppName { app, labels })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_labels() {
        let name = parse(" shop.cpu { env = prod ,url=a/b=c} ").unwrap();
        assert_eq!(name.app, "shop.cpu");
        let labels = [("env", "prod"), ("url", "a/b=c")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(name.labels, labels);
        assert_eq!(parse("a").unwrap().labels, []);
        for bad in ["", "{a=b}", "a{b", "a{b}", "a{=b}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
