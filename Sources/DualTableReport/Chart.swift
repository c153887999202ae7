/// A line chart over time: what it shows, and the table of its figures beside it.
///
/// Drawn twice, wide and narrow, of which the style shows the one that fits: shrunk, its words could not be read.
struct Chart: Sendable {
  /// A line; a limit is drawn dashed.
  struct Line: Sendable {
    let name: String
    /// A class of the style: `first`, `second` or `limit`.
    let style: Style
    /// Seconds and values in order of time; nil breaks the line.
    let points: [(seconds: Double, value: Double?)]
  }

  enum Style: Sendable {
    case first, second, limit
  }

  /// Something that happened at a moment, with the number under which the text below tells it.
  struct Mark: Sendable {
    let seconds: Double
    let number: Int
  }

  /// Unique on the page.
  let id: String
  let title: String
  /// One sentence for who can't see the chart.
  let summary: String
  /// The vertical axis, with its unit.
  let unit: String
  let lines: [Line]
  var marks: [Mark] = []
  /// Of the horizontal axis.
  let seconds: Double

  /// The chart with its title, legend and figures.
  var figure: HTML {
    let values = lines.flatMap { $0.points.compactMap(\.value) }
    guard !values.isEmpty else {
      return "<figure><figcaption><h3>\(title)</h3></figcaption><p class=\"none\">Too short a run for a curve.</p></figure>\n"
    }
    let scale = Scale.amounts(upTo: values.max() ?? 1)
    return """
      <figure><figcaption><h3>\(title)</h3><p>\(summary)</p></figcaption>
      \(legend)\(drawing(.wide, scale))\(drawing(.narrow, scale))
      <details><summary>The figures</summary>\(table)</details></figure>

      """
  }

  private var legend: HTML {
    guard lines.count > 1 || !marks.isEmpty else { return "" }
    var entries: [HTML] = lines.map { "<li><span class=\"key \($0.style.name)\"></span>\($0.name)</li>" }
    if !marks.isEmpty { entries.append("<li><span class=\"key mark\"></span>changes, numbered as below</li>") }
    return "<ul class=\"legend\">\(entries)</ul>\n"
  }

  /// Some moments, evenly spread, with the value of every line.
  private var table: HTML {
    let moments = lines.max { $0.points.count < $1.points.count }?.points.map(\.seconds) ?? []
    let wanted = min(moments.count, 13)
    let picked = (0..<wanted).map { moments[wanted == 1 ? 0 : $0 * (moments.count - 1) / (wanted - 1)] }
    let heads: [HTML] = lines.map { "<th scope=\"col\">\($0.name)</th>" }
    let rows: [HTML] = picked.map { moment in
      let cells: [HTML] = lines.map { line in
        let nearest = line.points.min { abs($0.seconds - moment) < abs($1.seconds - moment) }
        return "<td>\(nearest?.value.map(Figures.amount) ?? "–")</td>"
      }
      return "<tr><th scope=\"row\">\(Figures.span(moment))</th>\(cells)</tr>"
    }
    return """
      <table class="figures"><caption>\(title), \(unit)</caption><thead><tr><th scope="col">after</th>\(heads)</tr></thead>
      <tbody>\(rows)</tbody></table>
      """
  }
}

extension Chart.Style {
  var name: String {
    switch self {
    case .first: "first"
    case .second: "second"
    case .limit: "limit"
    }
  }
}
