package import DualTableMapping
internal import DynamoDBClient
package import DynamoDBModel

/// Makes up items of the old table that fit a mapping: reproducible by seed and number, distinct in their keys, about 700 bytes each.
package struct ItemMaker: Sendable {
  /// How daring a draft is; each refusal by the mapping makes the next one tamer.
  private enum Daring: Int {
    case plain, named, awkward
  }

  private let mapping: any TableMapping
  private let seed: UInt64
  private let shapes: [SourceShape]
  private let otherNames: [String]
  private let takesOthers: Bool

  package init(mapping: any TableMapping, seed: UInt64) {
    self.mapping = mapping
    self.seed = seed
    let compiled = mapping as? CompiledMapping
    shapes = compiled?.sourceShapes ?? []
    takesOthers = compiled?.takesOtherAttributes ?? true
    let taken = (compiled?.namedRoots ?? []) + (mapping.oldSchema.attributes + mapping.newSchema.attributes).map(\.name)
    otherNames = (ValueDrawing.names + ["text"]).filter { name in !taken.contains { $0.utf8.elementsEqual(name.utf8) } }
  }

  /// The item of a number, always the same one.
  ///
  /// - Throws: `RehearsalError` where none could be made that the mapping takes.
  package func item(_ number: Int) throws(RehearsalError) -> Item {
    var drawing = ValueDrawing(seed: seed, stream: UInt64(number))
    var refusal: ConversionError?
    for attempt in 0..<12 {
      let daring: Daring = attempt < 6 ? .awkward : attempt < 9 ? .named : .plain
      let item = draft(number, daring, &drawing)
      do {
        _ = try mapping.checkedConvert(item)
        return item
      } catch {
        refusal = error
      }
    }
    throw RehearsalError(
      .items,
      "No item could be made up that fits the mapping (\(refusal.map { "\($0)" } ?? "it takes none")); fill the old table by other means.")
  }

  private func draft(_ number: Int, _ daring: Daring, _ drawing: inout ValueDrawing) -> Item {
    var item = Item()
    for attribute in mapping.oldSchema.attributes {
      let isHash = attribute.name == mapping.oldSchema.hash.name
      item[attribute.name] = key(attribute, number, isHash: isHash, daring, &drawing)
    }
    for shape in shapes where !isKey(shape) {
      // Now and then what a rule reads isn't there.
      if daring == .awkward && shape.keyType == nil && drawing.chance(oneIn: 12) { continue }
      place(value(for: shape, daring, &drawing), at: shape.path[...], in: &item)
    }
    guard daring != .plain && takesOthers else { return item }
    for _ in 0..<drawing.below(4) {
      let name = drawing.pick(otherNames)
      item[name] = daring == .awkward ? drawing.value() : .string(drawing.token())
    }
    if daring == .awkward && drawing.chance(oneIn: 64) { item[drawing.pick(otherNames)] = drawing.deepValue() }
    pad(&item, &drawing)
    return item
  }

  /// Fills up to a size drawn around 700 bytes; one item in 256 is large.
  private func pad(_ item: inout Item, _ drawing: inout ValueDrawing) {
    let target = drawing.chance(oneIn: 256) ? 16_000 : 340 + drawing.below(601)
    guard otherNames.contains("text") else { return }
    item["text"] = .string(drawing.filler(bytes: max(1, target - item.sizeInBytes - 4)))
  }

  // MARK: keys

  private func isKey(_ shape: SourceShape) -> Bool {
    guard shape.path.count == 1, case .name(let name) = shape.path[0] else { return false }
    return mapping.oldSchema.attributes.contains { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// A key attribute; the number in it keeps keys apart. With a sort key, ten items share a partition key.
  private func key(
    _ attribute: KeySchema.Attribute, _ number: Int, isHash: Bool, _ daring: Daring, _ drawing: inout ValueDrawing
  ) -> AttributeValue {
    let number = isHash && mapping.oldSchema.range != nil ? number / 10 : number
    let shape = shapes.first { isKey($0) && $0.path == [.name(attribute.name)] }
    switch attribute.type {
    case .number: return .number(spelled(number, &drawing))
    case .binary: return .binary((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
    case .string:
      switch shape?.kind {
      case .pattern(let pieces): return .string(pieces.map { $0 ?? String(number + 1) }.joined())
      case .format(.string): return .string(String(number))
      case .oneOf(let values): return values.isEmpty ? .string("\(number)") : values[number % values.count]
      case .token: return .string("k\(number)")
      case .format, .any, .list, .maps, nil:
        // Drawn from the number and not from the stream, so that items that share a partition share its spelling.
        let prefix = daring == .awkward && !isShared(isHash) ? drawing.pick(["u", "ü", "日本", "🙂", "a b", "\"", "\\", "U", "#"]) : "u"
        return .string("\(prefix)-\(number)")
      }
    }
  }

  private func isShared(_ isHash: Bool) -> Bool { isHash && mapping.oldSchema.range != nil }

  /// One number has many spellings, which the service takes for the same key.
  private func spelled(_ number: Int, _ drawing: inout ValueDrawing) -> DynamoDBNumber {
    guard let spelled = try? DynamoDBNumber(drawing.pick(["\(number)", "\(number).0", "\(number)e0"])) else {
      return DynamoDBNumber(number)
    }
    return spelled
  }

  // MARK: values

  private func value(for shape: SourceShape, _ daring: Daring, _ drawing: inout ValueDrawing) -> AttributeValue {
    if !shape.skipped.isEmpty && drawing.chance(oneIn: 16) { return drawing.pick(shape.skipped) }
    return value(of: shape.kind, keyType: shape.keyType, daring, &drawing)
  }

  private func value(
    of kind: SourceShape.Kind, keyType: ScalarType?, _ daring: Daring, _ drawing: inout ValueDrawing
  ) -> AttributeValue {
    switch kind {
    case .list(let kind): return .list((0..<drawing.below(4)).map { _ in value(of: kind, keyType: nil, daring, &drawing) })
    case .maps(let shapes):
      return .list(
        (0..<drawing.below(4)).map { _ in
          var map = AttributeMap()
          for shape in shapes { place(value(for: shape, daring, &drawing), at: shape.path[...], in: &map) }
          return .map(map)
        })
    case .format(let format): return drawing.value(of: format)
    case .oneOf(let values): return values.isEmpty ? .string("") : drawing.pick(values)
    case .pattern(let pieces): return .string(pieces.map { $0 ?? drawing.digits(4) }.joined())
    case .token: return keyType == .number ? .number(DynamoDBNumber(drawing.below(1_000_000))) : .string(drawing.token())
    case .any:
      switch keyType {
      case .string: return .string("\(drawing.token())@\(drawing.pick(["example.org", "exämple.org"]))")
      case .number: return .number(DynamoDBNumber(drawing.below(1_000_000)))
      case .binary: return .binary(drawing.bytes(8))
      case nil: return daring == .awkward && drawing.chance(oneIn: 4) ? drawing.value() : .string(drawing.token())
      }
    }
  }

  /// Puts `value` where `path` says, making the maps and lists on the way.
  private func place(_ value: AttributeValue, at path: ArraySlice<SourceShape.Step>, in map: inout AttributeMap) {
    guard case .name(let name)? = path.first else { return }
    map[name] = placed(value, at: path.dropFirst(), over: map[name])
  }

  private func placed(_ value: AttributeValue, at path: ArraySlice<SourceShape.Step>, over old: AttributeValue?) -> AttributeValue {
    switch path.first {
    case nil: return value
    case .name:
      var map = old?.mapValue ?? AttributeMap()
      place(value, at: path, in: &map)
      return .map(map)
    case .index(let index):
      var list = old?.listValue ?? []
      while list.count <= min(index, 1_000) { list.append(.null) }
      if index < list.count { list[index] = placed(value, at: path.dropFirst(), over: list[index]) }
      return .list(list)
    }
  }
}
