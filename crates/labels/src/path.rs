//! Labels from the folders of a path.

use crate::LabelSet;

/// Why a path template can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part:?} in the path template is not a label in braces, {{}} or a folder's name")]
pub struct TemplateError {
    /// The part between slashes.
    pub part: String,
}

/// Labels that `template` finds in the leading folders of `path`: `{service_name}/{region}/` names the first
/// two, `{}` skips one, and a plain part must be equal. A path that has fewer folders, or another one where a
/// plain part stands, gives no labels.
///
/// # Errors
/// A part with braces in it that is neither `{name}` nor `{}`.
pub fn labels_from_path(template: &str, path: &str) -> Result<LabelSet, TemplateError> {
    let mut folders: Vec<&str> = path.split('/').collect();
    folders.pop();
    let mut labels = LabelSet::default();
    let mut matched = true;
    let parts = template.trim_matches('/').split('/').filter(|part| !part.is_empty());
    for (at, part) in parts.enumerate() {
        let name = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match (name, folders.get(at)) {
            (Some(name), _) if name.contains(['{', '}']) => return Err(TemplateError { part: part.to_owned() }),
            (None, _) if part.contains(['{', '}']) => return Err(TemplateError { part: part.to_owned() }),
            (Some(""), Some(_)) => {}
            (Some(name), Some(folder)) => labels.insert(name, *folder),
            (None, Some(folder)) if *folder == part => {}
            (_, _) => matched = false,
        }
    }
    Ok(if matched { labels } else { LabelSet::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(template: &str, path: &str) -> String {
        labels_from_path(template, path).unwrap().to_string()
    }

    #[test]
    fn names_skips_and_requires_folders() {
        assert_eq!(
            labels("{service_name}/{region}/", "checkout/eu/1.pb.gz"),
            "{region=\"eu\", service_name=\"checkout\"}"
        );
        assert_eq!(labels("{}/{region}", "checkout/eu/1.pb.gz"), "{region=\"eu\"}");
        assert_eq!(labels("out/{region}", "out/eu/x/1.pb.gz"), "{region=\"eu\"}");
        assert_eq!(labels("out/{region}", "in/eu/1.pb.gz"), "{}");
        assert_eq!(labels("{service_name}/{region}/", "checkout/1.pb.gz"), "{}");
        assert_eq!(labels("", "checkout/1.pb.gz"), "{}");
    }

    #[test]
    fn broken_braces_are_errors() {
        assert_eq!(labels_from_path("a/{b/c", "a/b/c/d").unwrap_err().part, "{b");
    }
}
