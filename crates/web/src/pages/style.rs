//! The one style sheet.

/// Light and dark by the person's own setting; readable from 320 pixels on.
pub(super) const STYLE: &str = "\
:root{color-scheme:light dark;--back:#f4f5f7;--card:#fff;--text:#1d2430;--soft:#5a6475;--line:#dfe3ea;--mark:#1f5fbf;--on-mark:#fff}\
@media(prefers-color-scheme:dark){:root{--back:#12161d;--card:#1b212b;--text:#e8ebf0;--soft:#a3adbd;--line:#2f3846;--mark:#8ab4f8;--on-mark:#0e1520}}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--back);color:var(--text);font:1rem/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}\
main{width:100%;max-width:34rem;padding:clamp(1.25rem,5vw,2.25rem);background:var(--card);border:1px solid var(--line);border-radius:.75rem;overflow-wrap:anywhere}\
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.25}\
p{margin:0 0 .9rem}\
.soft{color:var(--soft);font-size:.9rem}\
blockquote{margin:0 0 .9rem;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--line);color:var(--soft)}\
.act{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:center;margin:1.4rem 0}\
a{color:var(--mark)}\
.go{display:inline-block;padding:.6rem 1.15rem;border:0;border-radius:.5rem;background:var(--mark);color:var(--on-mark);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}\
a:focus-visible,button:focus-visible{outline:3px solid var(--mark);outline-offset:3px}\
code{font:.9em ui-monospace,Menlo,Consolas,monospace}\
main>:last-child{margin-bottom:0}";
