internal import DynamoDBModel

/// The item at `range`; nil for `null`.
func readItem(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) -> Item? {
  if spells(bytes, range, "null") { return nil }
  do {
    return try AttributeMap(wire: bytes.extracting(range))
  } catch {
    throw AnswerError(error, from: range.lowerBound)
  }
}

/// The items of the array at `range`.
func readItems(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) -> [Item] {
  var items: [Item] = []
  var elements = try JSONCursor(array: bytes, at: range.lowerBound)
  while let element = try elements.nextElement(bytes) {
    guard let item = try readItem(bytes, element) else { throw AnswerError(at: element.lowerBound) }
    items.append(item)
  }
  return items
}

/// The JSON value at `range`.
func readJSON(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) -> JSONValue {
  do {
    return try JSONValue(parsing: bytes.extracting(range))
  } catch {
    throw AnswerError(error, from: range.lowerBound)
  }
}

/// The count at `range`.
func readCount(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) -> Int {
  guard let count = decimal(bytes, range) else { throw AnswerError(at: range.lowerBound) }
  return count
}

/// The member name at `range`, which lies between its quotes.
func readName(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(AnswerError) -> String {
  guard let name = try readJSON(bytes, range.lowerBound - 1..<range.upperBound + 1).string else { throw AnswerError(at: range.lowerBound) }
  return name
}

/// The texts of an object of strings.
func readTexts(_ json: JSONValue) -> [String: String] {
  var texts: [String: String] = [:]
  for member in json.object ?? [] { texts[member.name] = member.value.string }
  return texts
}
