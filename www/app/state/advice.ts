/** What to do about an error, by its code. Every error on the page shows its message, its code and one of these. */

const ADVICE: Readonly<Record<string, string>> = {
  'empty-input': 'The file holds nothing: record the profile again.',
  'unrecognized-format': 'Read are pprof, folded, perf, JFR, speedscope, Chrome, Firefox, OpenTelemetry, callgrind, pstats, stackprof, Instruments, sample and GHC files, also compressed (gzip, zstd) and in zip and tar archives. Convert the file to one of them.',
  'link-damaged': 'Copy the link again, all of it: some programs cut long links or add characters. Or ask for a file.',
  'link-version': 'Reload the page to update Emberglass, or ask for the link anew.',
  'link-too-long': 'Ask for a file instead: an HTML report, or an export of the storage page.',
  truncated: 'The file ends early: copy or download it again.',
  malformed: 'The file breaks the rules of its format: write it again, or report it with its first bytes.',
  'damaged-compression': 'The compressed data is damaged: copy or download the file again.',
  'unsupported-compression': 'Unpack it with another program, and add what comes out.',
  encrypted: 'Unpack the archive with its password, and add what comes out.',
  'bad-reference': 'The file refers to an entry that it does not hold: it was cut or written wrongly.',
  'too-large': 'Split the recording, or record for a shorter time.',
  'value-overflow': 'Its sums leave the 64-bit range: select fewer profiles.',
  'unsupported-version': 'A newer tool wrote this: reload the page to update Emberglass.',
  'engine-crashed': 'If it happens again with the same profiles, please report it.',
  'engine-failed': 'Reload the page. If it happens again, export what you need and delete the profile imported last.',
  'decoder-crashed': 'Only this file is affected. Please report it: no file may do that.',
  'unreadable-file': 'Check that the file still exists and may be read, then add it again.',
  'protocol-mismatch': 'Reload the page to load both parts of the app anew.',
  'stale-handle': 'The view is being loaded again.',
  'bad-time': 'Write a time like 2026-11-24 13:05, 2026-11-24T12:05:00Z, end-1h or now-15m.',
  'bad-time-range': 'Set the end after the start.',
  'bad-selector': 'Write matchers like region="eu", version=~"1\\..*".',
  'bad-pattern': 'Mend the regular expression, or leave the slashes out to search for plain text.',
  'bad-profile-type': 'Choose a profile type at the top.',
  'no-common-type': 'Choose two files with profiles of the same type.',
  'stale-block': 'The data was rearranged while it was read: try again.',
  'damaged-section': 'Part of the stored data is damaged. What can be read is shown; to be rid of the damage, delete everything and import the files again.',
  'damaged-manifest': 'The list of what is stored is damaged. Close other tabs of this page and reload; the data itself was not touched.',
  'storage-quota': 'Free some disk space, or delete what you no longer need, and import again.',
  'storage-connection-lost': 'Reload the page; what was saved is still there.',
  'storage-closed': 'Another tab opened a newer version of this page: reload this one.',
  'storage-blocked': 'Close the other tabs of this page, then reload.',
  'storage-aborted': 'Nothing of this was stored: try again.',
  'storage-corrupt': 'The browser cannot read its own storage. Restart the browser; if it stays, clear the data of this site.',
  'storage-dropped': 'Import it again, or an exported copy, on the storage page. A second copy, chosen there, guards against this.',
  'storage-conflict': 'Other tabs were storing at the same time: try again.',
  'storage-newer-version': 'A newer version of this page wrote the data: reload to load that version. If there is none here, save a copy: wherever the newer version is, it can import the file.',
  'pack-newer-version': 'A newer version of this page wrote the file: reload to load that version, then import it again.',
  'storage-denied': 'Allow this page to store data or to write into the folder, then try again.',
  'storage-error': 'Check that the browser may store data for this site (not in some private windows).',
  'clipboard-refused': 'Allow this page to use the clipboard, then try again.',
  'bad-labels': 'Write labels like region=eu, team="core, infra".',
  'bad-path-template': 'Write a template like {service_name}/{region}/.',
  busy: 'Wait until it ended.',
  cancelled: 'Run it again, or select less.',
  'source-gone': 'Read the folder anew, or choose the file again.',
  'source-locked': 'Allow it at the folder in “Where the source is”.',
  'source-too-large': 'Choose the file that the compiler read, not what was made of it.',
  'source-no-text': 'Choose the source, or change the rule that led to this file.',
  'source-places-lost': 'Give the folder again; the costs of the lines are there without it.',
  'url-unusable': 'Give an address that begins with https://.',
  'url-policy': 'Whoever serves this page can add that host to connect-src of its policy; or download the file and drop it here.',
  'url-unreachable': 'The host has to send Access-Control-Allow-Origin; or download the file and drop it here.',
  'url-status': 'Check the address, and whether it needs a login: the page sends none.',
  'examples-unavailable': 'Check that the app was served with its examples folder, or drop a profile of your own.',
};

/** One sentence that says what to do next. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? 'Try again; if it stays, reload the page.';
}

/** Whether there is more to say than to try again. */
export function hasAdvice(code: string): boolean {
  return Object.hasOwn(ADVICE, code);
}
