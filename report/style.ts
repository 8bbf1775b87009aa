/** The page's style sheet: one column of cards beside its contents; light, dark and paper from the same variables. */
export const STYLE = `
:root{color-scheme:light dark;--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;
--page:#f6f6f3;--card:#fff;--ink:#1c2024;--muted:#5f666d;--line:#e4e4de;--accent:#0b6e6e;--accent-soft:#dcecea;--neutral:#8d949b;--warm:#c2571a;--good:#1d6b3c;--good-soft:#e1f0e6;--bad:#a4321f;--bad-soft:#f8e5e0}
@media (prefers-color-scheme:dark){:root{--page:#121416;--card:#1a1d20;--ink:#e8eaec;--muted:#a0a7ae;--line:#2d3236;--accent:#4fbdb5;--accent-soft:#173533;--neutral:#7d858c;--warm:#f0a05a;--good:#79c795;--good-soft:#17301f;--bad:#f0907c;--bad-soft:#3a1f19}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 var(--sans);font-variant-numeric:tabular-nums}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--card);padding:8px 12px;z-index:2}
.page{max-width:1240px;margin:0 auto;padding:0 24px 64px}
header{padding:40px 0 8px}
.eyebrow{margin:0 0 12px;color:var(--muted);font-size:13px;display:flex;flex-wrap:wrap;gap:4px 14px;overflow-wrap:anywhere}
.eyebrow b{color:var(--ink);font-weight:600}
h1{margin:0 0 28px;max-width:32em;font-size:clamp(22px,2.6vw,31px);line-height:1.28;font-weight:600;letter-spacing:-.015em;text-wrap:pretty;overflow-wrap:anywhere}
.verdict{display:inline-flex;align-items:center;gap:10px;margin:0 0 14px;padding:5px 14px 5px 12px;border-radius:99px;font-weight:600;font-size:14px;background:var(--line)}
.verdict::before{content:"–";font-size:15px}.verdict.good{color:var(--good);background:var(--good-soft)}.verdict.bad{color:var(--bad);background:var(--bad-soft)}.verdict.good::before{content:"✓"}.verdict.bad::before{content:"✕"}
.because{margin:-14px 0 28px;max-width:46em;color:var(--muted);font-size:16px;text-wrap:pretty;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.tile{background:var(--card);padding:16px 18px}
.tile-name{color:var(--muted);font-size:13px}
.tile-value{font-size:27px;line-height:1.3;font-weight:600;letter-spacing:-.02em}
.tile-note{color:var(--muted);font-size:12.5px}
.tile.key .tile-value{color:var(--accent)}.tile.good .tile-value{color:var(--good)}.tile.bad .tile-value{color:var(--bad)}
.columns{display:grid;grid-template-columns:172px minmax(0,1fr);gap:28px;margin-top:28px}
a{color:var(--accent)}nav{position:sticky;top:20px;align-self:start;font-size:14px}
nav ol{list-style:none;margin:0;padding:0}
nav a{display:block;padding:4px 10px;border-left:2px solid var(--line);color:var(--muted);text-decoration:none}
nav a:hover{color:var(--ink);border-color:var(--neutral)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px 28px 26px;margin-bottom:20px;scroll-margin-top:16px}
h2{margin:0;font-size:19px;font-weight:600;letter-spacing:-.01em}
h3{margin:0 0 8px;font-size:13px;font-weight:600;color:var(--muted)}
.lead{margin:4px 0 18px;max-width:46em;color:var(--muted);text-wrap:pretty}
.note,.none{margin:14px 0 0;color:var(--muted);font-size:13px}
.block{margin-top:20px;min-width:0}h2+.block,.lead+.block{margin-top:0}
.block+.scroll,.reasons+.scroll{margin-top:18px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:12px 36px}
.pair .block{margin-top:8px}
.chart{margin:0;position:relative}.chart[data-read]{cursor:crosshair;padding-bottom:22px}.chart input{position:absolute;inset:auto 0 0;width:100%;margin:0;opacity:0;pointer-events:none}.chart:has(input:focus-visible){outline:2px solid var(--accent);outline-offset:4px;border-radius:6px}.chart output{position:absolute;left:2px;right:2px;bottom:0;font-size:13px;line-height:20px;color:var(--ink);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;pointer-events:none}.chart .at{fill:none;stroke:var(--ink);stroke-width:2}.chart svg{display:block;width:100%;height:auto;}.draw-narrow{display:none}
.scroll{overflow-x:auto;margin:0 -8px;padding:0 8px}.scroll.tall{max-height:540px;overflow-y:auto}
.tall thead th{position:sticky;top:0;background:var(--card);z-index:1}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{padding:7px 12px 7px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--muted);font-size:13px;white-space:nowrap;vertical-align:bottom}
.num{text-align:right;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
thead button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
thead button:hover{color:var(--ink)}
[aria-sort] button{color:var(--ink);font-weight:600}[aria-sort=ascending] button::after{content:" ↑"}[aria-sort=descending] button::after{content:" ↓"}
.mark{display:inline-block;padding:0 8px;border-radius:99px;font-size:12.5px;line-height:20px;white-space:nowrap}
.mark::before{content:"✓ "}.mark.bad::before{content:"✕ "}
.mark.good{color:var(--good);background:var(--good-soft)}.mark.bad{color:var(--bad);background:var(--bad-soft)}
td:has(.mark){white-space:nowrap}
.ci{margin-left:10px}tbody th{min-width:8.5em}.failure{color:var(--bad);overflow-wrap:anywhere}
.state.blocked{color:var(--bad)}.state.cached,.state.skipped,.state.waiting{color:var(--muted)}
small{color:var(--muted);font-size:12.5px}
code,pre{font-family:var(--mono);font-size:12.5px}
code{overflow-wrap:anywhere}code.whole{white-space:nowrap}
pre{margin:12px 0 0;overflow:auto;max-height:520px;padding:14px 16px;background:var(--page);border-radius:8px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere}
summary{cursor:pointer;color:var(--muted);font-size:13px}
.facts{display:flex;flex-wrap:wrap;gap:10px 32px;margin:0 0 20px}.facts div{min-width:0}.facts dt{color:var(--muted);font-size:13px}.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.reasons{list-style:none;margin:16px 0 0;padding:0;font-size:14px}.reasons li{padding:3px 0;overflow-wrap:anywhere}.reasons b{display:inline-block;min-width:5.2em;font-weight:600}
.samples{list-style:none;margin:0;padding:0}.samples li{display:grid;grid-template-columns:4.6em minmax(0,1fr);gap:10px;padding:10px 0;border-bottom:1px solid var(--line)}.samples li:last-child{border:0}
.score{font-weight:600;text-align:right;white-space:nowrap}.score small{display:block;font-weight:400}
.samples p{margin:0;overflow-wrap:anywhere}.labels{display:flex;flex-wrap:wrap;gap:2px 10px;color:var(--muted);font-size:13px}.labels bdi{color:var(--ink)}.differs,.differs bdi{color:var(--bad)}
.range,.gantt{position:relative;display:block;min-width:130px;height:20px}.gantt{min-width:160px}
.range::before,.gantt::before{content:"";position:absolute;left:0;right:0;top:9.5px;height:1px;background:var(--line)}
.range i,.gantt i,.meter i{position:absolute;display:block}
.range .span{top:9px;height:2px;background:var(--accent)}.range .tick{top:4px;width:2px;height:12px;background:var(--neutral);margin-left:-1px}.range .dot{top:5px;width:10px;height:10px;margin-left:-5px;border-radius:50%;background:var(--accent)}
.gantt i{top:5px;height:10px;border-radius:3px;background:var(--accent)}.gantt i.cached,.gantt i.skipped{background:var(--neutral)}.gantt i.blocked{background:var(--bad)}
.range .band{top:6px;height:8px;border-radius:2px;background:var(--accent);opacity:.35}.range .tick.strong{background:var(--ink);top:3px;height:14px}
.spark{display:block}.spark polyline{fill:none;stroke:var(--accent);stroke-width:1.5}
.filter{display:flex;gap:12px;align-items:center;margin:14px 0 8px;color:var(--muted);font-size:13px}.filter input{font:inherit;color:var(--ink);background:var(--page);border:1px solid var(--line);border-radius:8px;padding:6px 12px;width:min(280px,60vw)}
.gained{color:var(--good);font-weight:600}.lost{color:var(--bad);font-weight:600}
.sample-text{min-width:240px;max-width:44em;overflow-wrap:anywhere}
.parts mark{color:inherit;border-radius:3px;padding:0 1px;-webkit-box-decoration-break:clone;box-decoration-break:clone}.parts .for{background:color-mix(in srgb,var(--accent) var(--depth),transparent);box-shadow:inset 0 -2px var(--accent)}.parts .against{background:color-mix(in srgb,var(--warm) var(--depth),transparent);border-bottom:2px dotted var(--warm)}
.words{min-width:150px;max-width:24em;line-height:1.9}.words span{display:inline-block;margin-right:6px}.words small,.sum{color:var(--muted)}.d1{--depth:18%}.d2{--depth:26%}.d3{--depth:35%}.d4{--depth:44%}
.chart text,.graph text{unicode-bidi:plaintext}.graph{display:block;max-width:100%;height:auto}.graph path{fill:none;stroke:var(--neutral);stroke-width:1.2;opacity:.7}.graph rect{fill:var(--page);stroke:var(--line)}.graph rect.end{stroke:var(--accent)}.graph text{fill:var(--ink);font:12px var(--sans)}.graph .sub{fill:var(--muted);font-size:11px}
.meter{position:relative;display:inline-block;width:64px;height:6px;margin-right:10px;border-radius:3px;background:var(--line);vertical-align:2px}.meter i{left:0;top:0;height:6px;border-radius:3px;background:var(--accent)}
.example,.reference{overflow-wrap:anywhere}.example{min-width:220px}
.matrix{width:auto}.matrix th,.matrix td{padding:6px 10px;border:0}.matrix td[style]{background:color-mix(in srgb,var(--bad) var(--heat),transparent)}.matrix .hit{background:var(--accent-soft);font-weight:600}.zero{color:var(--muted)}
.matrix td{border:1px solid var(--card);min-width:3.4em;border-radius:5px}.matrix thead th{writing-mode:vertical-rl;text-orientation:sideways;transform:rotate(180deg);text-align:left;padding:0 6px 6px;max-height:11em}.matrix tbody th{padding-left:0;white-space:nowrap}
footer button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:4px 12px;margin-left:12px;cursor:pointer}footer{margin-top:24px;color:var(--muted);font-size:13px;overflow-wrap:anywhere}
@media (max-width:960px){.columns{grid-template-columns:minmax(0,1fr);gap:16px}nav{position:static}nav ol{display:flex;flex-wrap:wrap;gap:2px 14px}nav a{border:0;padding:4px 0}}
@media (max-width:640px){.page{padding:0 14px 40px}header{padding-top:22px}h1{margin-bottom:20px}section{padding:18px 16px 20px;border-radius:10px}.tiles{display:flex;flex-wrap:wrap}.tile{flex:1 1 40%;padding:12px 14px}.tile-value{font-size:22px}.tile.key{flex-basis:100%}
.draw-wide{display:none}.draw-narrow{display:block;max-width:420px}.scroll{margin:0 -16px;padding:0 16px}.scroll table{width:max-content;min-width:100%}.scroll :is(th,td){max-width:17em}.graph{max-width:none}.ci{display:block;margin:0;font-size:11.5px}th,td{padding-right:8px}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#ccc;--accent:#0b6e6e;--accent-soft:#e4efee;--neutral:#777;--warm:#b04a10;--good:#1d6b3c;--good-soft:#fff;--bad:#a4321f;--bad-soft:#fff}
body{font-size:11pt}nav,.skip,.filter{display:none}.tall thead th{position:static}thead button{display:contents}tr[hidden]{display:table-row}.columns{display:block}section{border:0;padding:0;margin:0 0 22pt}.scroll,.scroll.tall,pre{max-height:none;overflow:visible}h2,h3,.lead,.facts{break-after:avoid}.lead,.facts{break-inside:avoid}footer{break-before:avoid}table,thead th{font-size:9pt}tr,figure,.samples li{break-inside:avoid}.tiles,.mark,.parts mark,.range i,.gantt i,.meter,.matrix td{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
`;
