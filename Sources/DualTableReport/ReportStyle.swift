/// The page's style: one sheet for light and dark, wide, narrow and paper.
enum ReportStyle {
  static let sheet: HTML = """
    :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#5a6675;--edge:#dde2e8;--grid:#e8ebef;
    --first:#1f63c4;--second:#b8500a;--limit:#7a8594;--mark:#7d3fb5;--good:#176c3a;--good-back:#e2f3e8;--warn:#8a5200;--warn-back:#fcf0d9;
    --bad:#a8261d;--bad-back:#fbe5e3;--busy:#1f5fae;--busy-back:#e3eefb}
    @media(prefers-color-scheme:dark){:root{--page:#12161c;--card:#1a2028;--ink:#e4e9ef;--soft:#9aa7b6;--edge:#2d3641;--grid:#28303a;
    --first:#6aa8f5;--second:#f09a52;--limit:#8793a2;--mark:#c293ee;--good:#7fd6a0;--good-back:#16301f;--warn:#f0c274;--warn-back:#33270f;
    --bad:#f59a92;--bad-back:#3a1a18;--busy:#8dbef7;--busy-back:#16283d}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
    main,header,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
    header{padding-top:2rem}
    h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:0 0 .75rem}
    h3{font-size:1rem;margin:0}
    p{margin:0 0 .75rem;max-width:46rem}p,li,h3{overflow-wrap:anywhere}
    .by,.note,figcaption p,footer{color:var(--soft);font-size:.9rem}
    .status{display:table;padding:.3rem .8rem;border-radius:1rem;font-weight:600}
    .good{color:var(--good);background:var(--good-back)}.warn{color:var(--warn);background:var(--warn-back)}
    .bad{color:var(--bad);background:var(--bad-back)}.busy{color:var(--busy);background:var(--busy-back)}
    article{margin-top:3rem}
    section{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1.25rem;margin:1.25rem 0}
    section>:last-child{margin-bottom:0}
    p.status{margin:0 0 .6rem}header p.status{margin-top:.75rem}
    .lead{font-size:1.08rem}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0 0;padding:0;list-style:none}
    .tiles li{border:1px solid var(--edge);border-radius:.5rem;padding:.6rem .8rem;overflow-wrap:anywhere}
    .tiles b{display:block;font-size:1.35rem;line-height:1.3;font-variant-numeric:tabular-nums}
    .tiles span{color:var(--soft);font-size:.85rem}
    table{border-collapse:collapse;width:100%;margin:.25rem 0 1rem;font-size:.93rem}
    caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.35rem}
    th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--edge);overflow-wrap:anywhere}
    thead th{color:var(--soft);font-weight:600;font-size:.85rem;overflow-wrap:normal}.figures thead th{overflow-wrap:anywhere}td{min-width:4.6rem}td.n{min-width:0}
    tbody th{font-weight:500}
    th:last-child,td:last-child{padding-right:0}
    .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    code{font:.88em/1.4 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
    .equation{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
    .bar{display:flex;height:.8rem;border-radius:.4rem;overflow:hidden;margin:.25rem 0 .9rem;background:var(--grid)}
    .bar i{display:block;border-right:2px solid var(--card)}.bar i:last-child{border:0}
    .bar .a{background:var(--first)}.bar .b{background:var(--limit)}.bar .c{background:var(--second)}.bar .d{background:var(--bad)}
    figure{margin:0 0 1.5rem}figure:last-child{margin-bottom:0}
    figcaption p{margin:.1rem 0 .35rem}
    svg{display:block;width:100%;height:auto}svg.narrow{display:none}
    .legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.25rem 0;padding:0;list-style:none;font-size:.85rem;color:var(--soft)}
    .key{display:inline-block;width:1.5rem;height:0;border-top:3px solid;vertical-align:.28em;margin-right:.4rem}
    .key.first{color:var(--first)}.key.second{color:var(--second)}.key.limit{color:var(--limit);border-top-style:dashed}
    .key.mark{color:var(--mark);border-top-style:dotted}
    svg text{fill:var(--soft);font-size:12px;font-family:inherit}svg text.label{fill:var(--soft);font-style:italic}
    svg text.mark{fill:var(--mark);font-weight:700}
    .grid{stroke:var(--grid)}.axis{stroke:var(--limit)}line.mark{stroke:var(--mark);stroke-dasharray:2 3}
    .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .line.first{stroke:var(--first)}.line.second{stroke:var(--second)}.line.limit{stroke:var(--limit);stroke-dasharray:6 4;stroke-width:1.5}
    details{font-size:.9rem}summary{cursor:pointer;color:var(--soft)}
    .none{color:var(--soft);font-style:italic}
    ul.names{margin:0;padding:0;list-style:none}
    footer{padding-bottom:2.5rem}
    @media(max-width:40rem){
    main,header,footer{padding-left:.8rem;padding-right:.8rem}section{padding:.9rem}h1{font-size:1.35rem}
    svg.wide{display:none}svg.narrow{display:block}
    .tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:.5rem}.tiles b{font-size:1.1rem}
    table:not(.figures) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    table:not(.figures),table:not(.figures) tbody,table:not(.figures) tr,table:not(.figures) caption{display:block}
    table:not(.figures) tr{padding:.4rem 0;border-bottom:1px solid var(--edge)}
    table:not(.figures) th,table:not(.figures) td{display:block;border:0;padding:.05rem 0;text-align:left;white-space:normal}
    table:not(.figures) tbody th{font-weight:600}
    table:not(.figures) td[data-head]::before{content:attr(data-head) ": ";color:var(--soft)}
    td{min-width:0}table.figures{font-size:.8rem}table.figures th,table.figures td{padding-right:.4rem}
    }
    @media print{
    :root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--edge:#bbb;--grid:#ddd;--first:#1f63c4;--second:#b8500a;
    --limit:#777;--mark:#7d3fb5;--good:#176c3a;--good-back:#fff;--warn:#8a5200;--warn-back:#fff;--bad:#a8261d;--bad-back:#fff;
    --busy:#1f5fae;--busy-back:#fff}
    body{font-size:11pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
    main,header,footer{max-width:none;padding-left:0;padding-right:0}
    section{border:0;border-top:1px solid var(--edge);border-radius:0;padding:.8rem 0;margin:.8rem 0}
    .status{border:1px solid}figure,tr,.tiles li{break-inside:avoid}h2,h2+p,h3,caption,thead{break-after:avoid}
    tbody tr:last-child{break-before:avoid}article{break-before:page;margin-top:0}
    svg.wide{display:block!important}svg.narrow{display:none!important}details{display:none}
    }
    """
}
