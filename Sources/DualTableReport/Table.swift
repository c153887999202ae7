/// A table of the page: a caption, heads, rows. Narrow screens show each row as a block of lines, name and value.
struct Table: Sendable {
  struct Column: Sendable {
    let head: String
    /// Figures stand under each other by their ends.
    var isNumber = false
    /// Says what the row's name means, so that narrow screens needn't say the head again.
    var isProse = false
  }

  let caption: String
  let columns: [Column]
  let rows: [[Cell]]

  /// What stands in a cell.
  enum Cell: Sendable, ExpressibleByStringInterpolation {
    /// One line or several, as it is.
    case text(String)
    /// A name in code's type, which may break anywhere.
    case code(String)
    case piece(HTML)

    init(stringLiteral value: String) { self = .text(value) }
    init(_ count: Int) { self = .text(Figures.count(count)) }

    var html: HTML {
      switch self {
      case .text(let text): "\(text)"
      case .code(let text): "<code>\(text)</code>"
      case .piece(let piece): piece
      }
    }
  }

  init(_ caption: String, _ columns: [Column], _ rows: [[Cell]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }

  var html: HTML {
    let heads: [HTML] = columns.map { "<th scope=\"col\"\($0.isNumber ? " class=\"n\"" : "" as HTML)>\($0.head)</th>" }
    let lines: [HTML] = rows.map { row in
      let cells: [HTML] = zip(columns, row).enumerated().map { index, entry in
        let (column, cell) = entry
        if index == 0 { return "<th scope=\"row\">\(cell.html)</th>" }
        if column.isProse || cell.html.markup.isEmpty { return "<td>\(cell.html)</td>" }
        return "<td data-head=\"\(column.head)\"\(column.isNumber ? " class=\"n\"" : "" as HTML)>\(cell.html)</td>"
      }
      return "<tr>\(cells)</tr>\n"
    }
    return """
      <table><caption>\(caption)</caption><thead><tr>\(heads)</tr></thead>
      <tbody>\(lines)</tbody></table>

      """
  }
}

extension Table.Column: ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self.init(head: value) }

  /// A column of what the names of rows mean.
  static let meaning = Self(head: "what it means", isProse: true)

  /// A column of figures.
  static func number(_ head: String) -> Self { Self(head: head, isNumber: true) }
}
