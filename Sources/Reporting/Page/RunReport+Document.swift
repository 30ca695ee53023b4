extension RunReport {
  /// A whole document; its policy lets a browser load nothing and run nothing.
  static func document(title: String, body: [Markup]) -> Markup {
    .tag(
      "html", ["lang": "en"],
      [
        .tag(
          "head", [:],
          [
            .tag("meta", ["charset": "utf-8"]),
            .tag(
              "meta",
              [
                "http-equiv": "Content-Security-Policy",
                "content": "default-src 'none'; style-src 'unsafe-inline'",
              ]),
            .tag("meta", ["name": "viewport", "content": "width=device-width"]),
            .tag("title", [:], title), .tag("style", [:], style),
          ]), .tag("body", [:], body),
      ])
  }

  // Without quotation marks, angle brackets and ampersands, which text may not have.
  private static let style = """
    :root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --line: #d5d9de; --accent: #2b6cb0; --faint: #68707a; --bad: #b3261e; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #15181c; --line: #343a41; --accent: #7ab0ea; --faint: #98a1ab; --bad: #ff8a80; } }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
    h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
    table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; } th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    .faint, .range, figcaption, dt { color: var(--faint); font-size: .85rem; } .failed { color: var(--bad); white-space: pre-wrap; } .warning { color: var(--bad); }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem; } figure { margin: 0; }
    svg { max-width: 100%; height: auto; } .charts svg { border: 1px solid var(--line); width: 100%; }
    .curve { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
    .lineage rect { fill: none; stroke: var(--line); } .lineage text { font-size: 12px; fill: var(--ink); } .lineage text.faint { fill: var(--faint); } .edge { fill: none; stroke: var(--faint); }
    dl { border-left: 3px solid var(--line); padding-left: .8rem; } dd { margin: 0 0 .4rem; white-space: pre-wrap; overflow-wrap: anywhere; } pre { overflow-x: auto; }
    @media print { details { display: none; } figure { break-inside: avoid; } }
    """
}
