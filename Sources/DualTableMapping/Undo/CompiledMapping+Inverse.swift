extension CompiledMapping {
  /// The inverse as a mapping file: NEW's items back to OLD's, for a rollback.
  ///
  /// Of several blocks it is the primary one's; the others' items are skipped.
  /// - Throws: everything that stands against an inverse, as `not-invertible`, in file order.
  package func inverse() throws(MappingFindings) -> String {
    do throws(InversionFaults) {
      return try form.inverse().file(comment: "The inverse of \(quoted(file)), written by `dualtable mapping invert`.")
    } catch {
      throw MappingFindings(findings: findings(error, .error))
    }
  }

  /// What stands against an inverse, as warnings: the mapping can be used all the same, but there is no way back once its table is the only one.
  package var inverseWarnings: [MappingFinding] {
    do throws(InversionFaults) {
      _ = try form.inverse()
      return []
    } catch {
      return findings(error, .warning)
    }
  }

  private func findings(_ faults: InversionFaults, _ severity: MappingFinding.Severity) -> [MappingFinding] {
    var findings = FindingCollector(file: file)
    for fault in faults.faults {
      let sentence = "there is no inverse: \(fault.sentence)"
      switch severity {
      case .error: findings.error(.notInvertible, at: fault.place, sentence)
      case .warning: findings.warning(.notInvertible, at: fault.place, sentence)
      }
    }
    return findings.sorted
  }
}
