/* page.c - see page.h. */
#include "app/page.h"

#include "app/plot.h"

#include <string.h>

// clang-format off
static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<style>\n"
    ":root{--page:#f7f7f5;--card:#fff;--ink:#1c2127;--soft:#5d6672;--line:#e3e4e1;"
    "--data:#2563a8;--bound:#c2570c;--fit:#16803c}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#14171b;--card:#1c2026;--ink:#e6e8ea;"
    "--soft:#9aa4b0;--line:#30363e;--data:#6aa9f0;--bound:#f0975a;--fit:#5cc685}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "main{max-width:72rem;margin:auto;padding:1.5rem 1rem 4rem}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.15rem;margin:0 0 .3rem}\n"
    "p{margin:.3rem 0 .9rem;max-width:46rem;color:var(--soft)}\n"
    "code{font:.85em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}\n"
    "section{margin-top:2.2rem}\n"
    ".tiles{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}\n"
    ".grid3{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr))}\n"
    "figure,.tile{margin:0;background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem;padding:.7rem}\n"
    "figcaption{font-weight:600;font-size:.92rem}figcaption span{font-weight:400;color:var(--soft)}\n"
    ".tile b{display:block;font-size:1.5rem;line-height:1.3}.tile{color:var(--soft);font-size:.88rem}"
    ".tile b{color:var(--ink)}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "svg text{font:10px system-ui,sans-serif;fill:var(--soft)}svg .name{fill:var(--ink)}\n"
    "svg .grid{stroke:var(--line)}svg polyline,svg .data{fill:none;stroke-width:2}\n"
    "svg .data{stroke:var(--data)}svg .dot{fill:var(--data)}\n"
    "svg .bound{stroke:var(--bound);stroke-width:1.5;stroke-dasharray:5 4}svg .fit{stroke:var(--fit)}\n"
    "svg .soft{stroke:var(--soft);stroke-width:1}svg circle.fit{fill:var(--fit)}"
    "svg circle.bound{fill:var(--bound);stroke-dasharray:none}svg circle.data{fill:var(--data)}\n"
    ".key{font-size:.85rem;color:var(--soft)}.key i{display:inline-block;width:1.6em;"
    "border-top:2px solid;vertical-align:middle;margin:0 .3em 0 1em}\n"
    ".key i:first-child{margin-left:0}\n"
    ".d{color:var(--data)}.b{color:var(--bound);border-top-style:dashed!important}.f{color:var(--fit)}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.88rem;margin:0 0 1rem;"
    "background:var(--card);font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:right;padding:.3rem .7rem;border:1px solid var(--line);white-space:nowrap}\n"
    "th:first-child,td:first-child{text-align:left}thead th{color:var(--soft);font-weight:600}\n"
    "tbody tr:last-child{font-weight:600}tbody th{font-weight:inherit}\n"
    ".list tbody tr,.cases tbody tr{font-weight:400!important}.cases tbody tr.mark{font-weight:600!important}"
    "p.note{margin:.7rem 0 0;padding-left:.7rem;border-left:3px solid var(--line)}\n"
    ".list th,.list td{text-align:left}.list td.why{white-space:normal;min-width:16rem}\n"
    "</style>\n";
// clang-format on

void gh_page_open(FILE *out, const char *what, const char *name)
{
    fputs(head, out);
    fputs("<title>", out);
    gh_html_text(out, (struct gh_text){what, (uint32_t)strlen(what)});
    gh_html_text(out, (struct gh_text){name, (uint32_t)strlen(name)});
    fputs("</title></head><body><main>\n", out);
}

void gh_page_close(FILE *out)
{
    fputs("</main></body></html>\n", out);
}

void gh_page_tile(FILE *out, const char *figure, const char *text)
{
    fprintf(out, "<div class=\"tile\"><b>%s</b>%s</div>\n", figure, text);
}
