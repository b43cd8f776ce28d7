/** What `--help` prints. */

export const HELP = `emberglass: look into profiles

usage:
  emberglass info    FILE... [--json]
  emberglass top     FILE... [--type T] [--profile N] [--by self|total] [-n N] [--filter FILTER]... [--granularity G]
                     [--drop-frames] [--json] [--demangle|--no-demangle]
  emberglass convert FILE... [--to FORMAT] [--type T] [--profile N] [--filter FILTER]... [--granularity G]
                     [--drop-frames] [-o OUT] [--demangle]
  emberglass query   FILE... [--labels-from-path TEMPLATE] [--select SELECTOR] [--from T] [--until T]
                     [--cut-samples]
                     [--view flamegraph|top|stacks|series|heatmap|diff|tree|lines|call-graph|estimate|cardinality]
                     [--by self|total]
                     [-n N] [--file F] [--function F] [--group-by LABEL,...] [--step D]
                     [--filter FILTER]... [--granularity G]
                     [--aggregate sum|average|rate|delta]
                     [--select-base SELECTOR] [--from-base T] [--until-base T] [--only C,...] [--significance]
                     [--drop-frames] [--json]
                     [--demangle|--no-demangle]
  emberglass diff    BASE HEAD [--type T] [--profile N] [-n N] [--only C,...] [--fail-above PCT] [--filter FILTER]...
                     [--granularity G] [--drop-frames] [--json] [--demangle|--no-demangle]
  emberglass pack    FILE... -o OUT.emberglass [--labels-from-path TEMPLATE]
  emberglass serve   [--host H] [--port P] [--max-memory SIZE]

info     format, profiles, totals, times and warnings of each file
top      functions by their own (self) or inclusive (total) value; several files are added up,
         each distinct file once
convert  the files merged, written in another format: pprof, speedscope and gecko hold all their profiles,
         the others those of one type; --to help lists the formats
query    any question about the profiles of all files together: those that SELECTOR and the times select
diff     functions whose share of the total grew from BASE to HEAD, largest growth first
pack     the files in one, merged and deflated as the app stores them: everything is kept, and the same files
         give the same bytes. It is read wherever a FILE is, and the app imports it
serve    Pyroscope's HTTP interface on this machine: agents push to it, dashboards ask it; kept in memory

A FILE may be a folder: it is walked, and what holds no profile is skipped with a warning.

  --type T       profile type id (process_cpu:cpu:nanoseconds:cpu:nanoseconds) or sample type (cpu);
                 without it the file's default
  --profile N    only the Nth profile of each file, counted from 0 as info lists them
  --to FORMAT    without it the one that OUT's name ends with; --to help lists them
  --by           order of top and of lines; self without it
  --drop-frames  without the frames that pprof files themselves say to drop (drop_frames, but for
                 keep_frames), and what those call; without it the numbers are the file's
  -n N           most rows of top; without it 30 in a table, all with --json
  -o OUT         write to OUT instead of standard output
  --labels-from-path TEMPLATE
                 labels from the folders of a path below the FILE it was found in: '{service_name}/{region}/'
                 names the first two, {} skips one; members of an archive lie below it (a.zip/inner)
  --select S     TYPE{matchers}, for instance cpu{service_name="shop",region=~"eu-.*"}; without it everything
  --from T, --until T
                 profiles that start from T on, and before T: digits (s, ms, us or ns since 1970), now-1h, or
                 2026-11-23T13:36:11Z
  --cut-samples  of profiles that have a time for each sample (JFR, Chrome, Gecko, perf, evented speedscope) only the samples
                 from T on and before T, wherever the profile starts
  --view V       without it top; --select-base, --from-base and --until-base name the other side of diff;
                 call-graph is in DOT for Graphviz unless told --json; -n keeps the functions with the largest totals; estimate is what
                 the question would read, cardinality what series are told apart by
  --file F       lines of this file only: a path, or the end of one
  --filter F     verb:text or verb@field:/regex/, applied in order: focus, ignore, hide, show, show-from, merge, drop, collapse by
                 function, file, package or binary; tagfocus, tagignore by labels; tagroot, tagleaf for labels as
                 frames; preset:go-runtime, ... (docs/queries.md)
  --granularity G  frames told apart by function, file, line, package or binary; thread for functions below threads
  --group-by L   a line of the series, or a row of the heatmap, for each value of these labels; label/2 takes the first two parts of
                 values split at / or .
  --step D       of series and heatmap: 100ms, 15s, 1m, 1h30m
  --function F   only what the stacks of this function are of a series, and their share; --by self: of those that end in it
  --aggregate A  sum, average or, of a series, rate (by second) or delta (each profile without the one before it); without it
                 cumulative types add up, and instant ones (inuse_space, goroutines) average over time
  --only C       of a diff only functions that are new, gone, grown or shrunk (by their share): new,grown
  --significance of diff: how likely each change is by chance, where both sides have 8 inputs or more (docs/queries.md)
  --fail-above P exit status 3 when a function's share of its side's total grows by more than P percentage points
  --demangle     names of C++ and Rust as people write them (std::vector<int>::push_back, core::fmt::write);
                 without it --json and convert keep the names of the file; the table of top has them
                 demangled unless told --no-demangle
  --host H       address to listen on; without it 127.0.0.1
  --port P       without it 4040; 0 picks a free one
  --max-memory   bound of what is stored (512MiB without it); beyond it the oldest profiles go
  --json         exact numbers, for programs
  -h, --help     this text
  -V, --version  the version

exit status: 0; 3 if diff found growth above the gate; 1 if a file failed (the others are still answered); 2 for wrong usage
`;
