public import DynamoDBModel

/// A mapping file, compiled: what `Mappings/<name>.yaml` says, as a `TableMapping`.
///
/// It converts items as values (`convert`) and, for the backfill, an item's bytes straight into wire form; both do the same.
public struct CompiledMapping: TableMapping {
  let form: MappingForm
  let plans: [BlockPlan]
  /// The file's name as findings show it.
  let file: String

  /// Things in the file that are allowed and probably not meant, in file order.
  public let warnings: [MappingFinding]
  /// SHA-256 of the compiled form, in hexadecimal: equal for files that differ in layout, comments and the order of rules only.
  public let digest: String
  /// The digest.
  public var identity: String { digest }
  /// OLD's key schema.
  public var oldSchema: KeySchema { form.old.keys }
  /// NEW's key schema.
  public var newSchema: KeySchema { form.new.keys }
  /// The root attribute that marks tombstones in NEW.
  public var reservedAttribute: String { form.reserved }

  /// Bytes a mapping file may have; who reads a file needs to read no more than this and one.
  public static let largestFile = YAMLReader.byteLimit

  /// Compiles a mapping file.
  ///
  /// - Parameters:
  ///   - yaml: the file's bytes.
  ///   - file: its name as findings show it.
  /// - Throws: everything that is wrong with it, in file order.
  public init(yaml: [UInt8], file: String) throws(MappingFindings) {
    var compiler = MappingCompiler(file: file)
    let form = try compiler.compile(yaml)
    self.form = form
    self.file = file
    warnings = compiler.findings.sorted
    plans = BlockPlan.plans(of: form)
    digest = form.digest
  }

  /// The NEW items of `item`, a block each, in the file's order.
  ///
  /// - Throws: what a rule can't do, or which of the service's limits a result breaks; no result then counts.
  public func convert(_ item: Item) throws(ConversionError) -> [Item] {
    var results: [Item] = []
    for plan in plans {
      if let result = try ValueRun.convert(item, plan) { results.append(result) }
    }
    try checkResults(results, of: item)
    return results
  }

  /// The key of the OLD item that yields `newKey`; nil if no OLD item does.
  ///
  /// - Throws: never; the protocol lets a mapping in Swift throw.
  public func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
    for block in form.blocks {
      if let key = block.keysBack?.oldKey(for: newKey) { return key }
    }
    return nil
  }
}
