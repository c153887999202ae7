internal import DualTableMapping
internal import DynamoDBModel

/// An item of a table, and what a mapping makes of it.
struct MappedItem {
  enum Outcome {
    /// None: the mapping skips the item.
    case converted([(key: Item, difference: ItemDifference)])
    case failed(String)
  }

  let key: Item
  let outcome: Outcome

  init(_ item: Item, _ mapping: CompiledMapping) {
    key = mapping.oldSchema.key(of: item) ?? Item()
    do throws(ConversionError) {
      outcome = .converted(
        try mapping.convert(item).map { new in (mapping.newSchema.key(of: new) ?? Item(), ItemDifference(from: item, to: new)) })
    } catch {
      outcome = .failed("\(error)")
    }
  }

  var isFailed: Bool { if case .failed = outcome { true } else { false } }
  private var isSkipped: Bool { if case .converted(let results) = outcome { results.isEmpty } else { false } }

  // MARK: for people

  private enum Color: String {
    case red = "31"
    case green = "32"
    case faint = "2"
    case bold = "1"
  }

  /// The longest value that is shown whole, in characters.
  private static let longestValue = 200

  /// Lines of what becomes of the item, the first with its number and key.
  func text(number: Int, isColored: Bool) -> String {
    func line(_ text: String, _ color: Color) -> String {
      let text = Terminal.plain(text)
      return isColored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
    func shown(_ value: AttributeValue) -> String {
      let text = value.description
      return text.count > Self.longestValue ? text.prefix(Self.longestValue) + "…" : text
    }
    var lines = [line("item \(number): \(key)", .bold)]
    switch outcome {
    case .failed(let error): lines.append(line("! \(error)", .red))
    case .converted(let results):
      if results.isEmpty { lines.append(line("  skipped", .faint)) }
      for result in results {
        if results.count > 1 { lines.append(line("  new item \(result.key)", .bold)) }
        for change in result.difference.changes {
          if let old = change.old { lines.append(line("- \(change.path) \(shown(old))", .red)) }
          if let new = change.new { lines.append(line("+ \(change.path) \(shown(new))", .green)) }
        }
        lines.append(line("  \(result.difference.unchanged) values unchanged", .faint))
      }
    }
    return lines.joined(separator: "\n")
  }

  static func summary(_ items: [MappedItem]) -> String {
    let failed = items.count(where: \.isFailed)
    let skipped = items.count(where: \.isSkipped)
    return "\(items.count) items: \(items.count - failed - skipped) converted, \(skipped) skipped, \(failed) can't be converted"
  }

  // MARK: for machines

  static func json(_ items: [MappedItem]) -> JSONValue {
    let failed = items.count(where: \.isFailed)
    let skipped = items.count(where: \.isSkipped)
    return .object([
      .init("sampled", .number("\(items.count)")), .init("converted", .number("\(items.count - failed - skipped)")),
      .init("skipped", .number("\(skipped)")), .init("failed", .number("\(failed)")), .init("items", .array(items.map(\.json))),
    ])
  }

  private var json: JSONValue {
    switch outcome {
    case .failed(let error): .object([.init("key", Self.json(key.description)), .init("error", .string(error))])
    case .converted(let results):
      .object([.init("key", Self.json(key.description)), .init("results", .array(results.map { Self.json($0.key, $0.difference) }))])
    }
  }

  private static func json(_ key: Item, _ difference: ItemDifference) -> JSONValue {
    .object([
      .init("key", json(key.description)), .init("unchanged", .number("\(difference.unchanged)")),
      .init(
        "changes",
        .array(
          difference.changes.map { change in
            .object(
              [.init("path", .string(change.path))]
                + [("old", change.old), ("new", change.new)].compactMap { side in
                  side.1.map { .init(side.0, json($0.description)) }
                })
          })),
    ])
  }

  /// DynamoDB JSON as it is.
  private static func json(_ wire: String) -> JSONValue { (try? JSONValue(parsing: wire.utf8.span)) ?? .null }
}
