// swift-tools-version: 6.2
import PackageDescription

/// One list for every target, so that no room has rules of its own.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
]

/// A room of the house: a library target that may import the rooms named here and no other.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The tests of a room; they see what the room sees.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
  name: "dualtable",
  products: [
    .library(name: "DualTable", targets: ["DualTable"]),
    .library(name: "DualTableCommand", targets: ["DualTableCommand", "DualTableMapping", "DynamoDBModel"]),
    .library(name: "DynamoDBSimulator", targets: ["DynamoDBSimulator"]),
    .executable(name: "dualtable", targets: ["DualTableTool"]),
  ],
  targets: [
    .executableTarget(name: "DualTableTool", dependencies: ["DualTableCommand"], swiftSettings: settings),
    room(
      "DualTableCommand",
      [
        "ArgumentParsing", "AWSAuth", "CurlTransport", "HTTPTransport", "DynamoDBClient", "DynamoDBModel", "DualTableMapping",
        "DualTableScan", "DualTableBackfill", "DualTableVerify", "DualTableReport", "DualTableRehearsal", "MigrationControl",
        "DynamoDBLocalServer", "DynamoDBSimulator",
      ]),
    room(
      "DualTableRehearsal",
      [
        "DualTableVerify", "DualTableBackfill", "DualTableScan", "DualTable", "MigrationControl", "DualTableMapping", "DynamoDBSimulator",
        "DynamoDBClient", "DynamoDBModel", "AWSAuth", "HTTPTransport",
      ]),
    room(
      "DualTableReport",
      ["DualTableVerify", "DualTableBackfill", "DualTableScan", "MigrationControl", "DualTableMapping", "DynamoDBModel", "AWSAuth"]),
    room(
      "DualTableVerify",
      ["DualTableScan", "MigrationControl", "DualTableMapping", "DynamoDBClient", "DynamoDBModel", "HTTPTransport", "AWSAuth"]),
    room(
      "DualTableBackfill",
      [
        "MigrationControl", "DualTableScan", "DualTableMapping", "DynamoDBClient", "DynamoDBExpressions", "DynamoDBModel", "HTTPTransport",
        "AWSAuth",
      ]),
    room("DualTableScan", ["MigrationControl", "DynamoDBClient", "DynamoDBModel", "HTTPTransport"]),
    room(
      "DualTable",
      [
        "MigrationControl", "DualTableMapping", "DynamoDBClient", "DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "HTTPTransport",
        "Telemetry",
      ]),
    room("MigrationControl", ["DynamoDBClient", "DynamoDBModel", "AWSAuth", "Telemetry"]),
    room("DualTableMapping", ["DynamoDBModel", "HTTPTransport", "CLibYAML", "CLibcrypto"]),
    room("DynamoDBLocalServer", ["DynamoDBSimulator", "DynamoDBModel", "HTTPTransport", "CMicroHTTPD"]),
    room(
      "DynamoDBSimulator", ["DynamoDBClient", "DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "HTTPTransport"]),
    room(
      "DynamoDBClient",
      ["DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "CurlTransport", "HTTPTransport", "Telemetry", "CZlib"]),
    room("DynamoDBExpressions", ["DynamoDBModel", "HTTPTransport"]),
    room("AWSAuth", ["DynamoDBModel", "CurlTransport", "HTTPTransport", "CLibcrypto"]),
    room("DynamoDBModel", ["HTTPTransport"]),
    room("CurlTransport", ["HTTPTransport", "CLibcurl"]),
    room("HTTPTransport"),
    room("Telemetry"),
    room("ArgumentParsing"),

    // The programs that figures are measured with: a server that costs next to nothing, and puts that nothing can beat, both in C.
    .target(name: "CNullServer", dependencies: ["CZlib"]),
    .target(name: "CLimit", dependencies: ["CLibcurl", "CLibcrypto"]),
    .target(name: "CAllocations"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "CNullServer", "CLimit", "CAllocations", "CLibcrypto", "DynamoDBSimulator", "DualTableVerify", "DualTableBackfill", "DualTableScan",
        "DualTable", "MigrationControl", "DualTableMapping", "DynamoDBClient",
        "DynamoDBModel",
        "AWSAuth", "CurlTransport", "HTTPTransport", "Telemetry",
      ],
      exclude: ["Baseline.json"],
      swiftSettings: settings),

    .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // What several rooms' tests need.
    .target(name: "TestSupport", dependencies: ["HTTPTransport", "CLibcurl"], path: "Tests/TestSupport", swiftSettings: settings),
    tests("TelemetryTests", ["Telemetry"]),
    tests("HTTPTransportTests", ["HTTPTransport"]),
    tests("CurlTransportTests", ["CurlTransport", "HTTPTransport", "TestSupport"]),
    tests("AWSAuthTests", ["AWSAuth", "CurlTransport", "HTTPTransport", "TestSupport"]),
    tests("DynamoDBModelTests", ["DynamoDBModel", "HTTPTransport"]),
    tests(
      "DynamoDBSimulatorTests", ["DynamoDBSimulator", "DynamoDBClient", "DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "HTTPTransport"]),
    .target(
      name: "ExpressionTable", dependencies: ["DynamoDBModel", "HTTPTransport"], path: "Tests/ExpressionTable", exclude: ["Rows"],
      swiftSettings: settings),
    tests(
      "DynamoDBLocalServerTests", ["DynamoDBLocalServer", "DynamoDBSimulator", "DynamoDBClient", "DynamoDBModel", "AWSAuth", "TestSupport"]),
    tests("DynamoDBExpressionsTests", ["DynamoDBExpressions", "DynamoDBModel", "ExpressionTable"]),
    tests(
      "EngineTests",
      [
        "DualTable", "DualTableBackfill", "DualTableVerify", "DualTableScan", "MigrationControl", "DualTableMapping", "DynamoDBClient",
        "DynamoDBSimulator", "DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "HTTPTransport", "TestSupport", "ExpressionTable",
        "CustomMigration",
      ], exclude: ["Fidelity/Cases"]),
    tests("DynamoDBClientTests", ["DynamoDBClient", "DynamoDBModel", "AWSAuth", "HTTPTransport", "Telemetry", "TestSupport", "CZlib"]),
    tests("DualTableMappingTests", ["DualTableMapping", "DynamoDBModel", "HTTPTransport", "TestSupport"], exclude: ["Fixtures"]),
    tests(
      "DualTableTests",
      [
        "DualTable", "MigrationControl", "DualTableMapping", "DynamoDBSimulator", "DynamoDBClient", "DynamoDBExpressions", "DynamoDBModel",
        "AWSAuth", "HTTPTransport", "Telemetry", "TestSupport",
      ]),
    tests(
      "ProofTests",
      [
        "DualTableRehearsal", "DualTable", "DualTableBackfill", "DualTableScan", "MigrationControl", "DualTableMapping",
        "DynamoDBSimulator", "DynamoDBClient",
        "DynamoDBModel", "AWSAuth", "HTTPTransport", "TestSupport",
      ]),
    tests(
      "DualTableRehearsalTests",
      [
        "DualTableRehearsal", "DualTableBackfill", "DualTableVerify", "DualTableScan", "DualTableMapping", "DynamoDBModel", "AWSAuth",
        "TestSupport",
      ]),
    tests(
      "DualTableScanTests",
      [
        "DualTableScan", "MigrationControl", "DynamoDBSimulator", "DynamoDBClient", "DynamoDBModel", "AWSAuth", "HTTPTransport",
        "TestSupport",
      ]),
    tests(
      "DualTableBackfillTests",
      [
        "DualTableBackfill", "MigrationControl", "DualTableScan", "DualTableMapping", "DynamoDBSimulator", "DynamoDBClient",
        "DynamoDBModel",
        "AWSAuth", "HTTPTransport", "TestSupport",
      ]),
    tests(
      "DualTableVerifyTests",
      [
        "DualTableVerify", "DualTableBackfill", "DualTableScan", "DualTable", "MigrationControl", "DualTableMapping", "DynamoDBSimulator",
        "DynamoDBClient", "DynamoDBModel", "AWSAuth", "HTTPTransport", "TestSupport",
      ]),
    tests(
      "DualTableReportTests",
      [
        "DualTableReport", "DualTableVerify", "DualTableBackfill", "DualTableScan", "MigrationControl", "DynamoDBModel", "TestSupport",
      ]),
    tests("ArgumentParsingTests", ["ArgumentParsing", "TestSupport"]),
    tests("BenchmarksTests", ["Benchmarks", "CNullServer", "CLimit", "CAllocations", "CZlib", "AWSAuth", "HTTPTransport", "TestSupport"]),
    // An executable with its mapping in it, as a service would write one.
    .executableTarget(
      name: "CustomMigration", dependencies: ["DualTableCommand", "DualTableMapping", "DynamoDBModel"], path: "Tests/CustomMigration",
      swiftSettings: settings),
    tests(
      "DualTableCommandTests",
      [
        "CustomMigration",
        "DualTableCommand", "DualTableRehearsal", "ArgumentParsing", "AWSAuth", "DualTable", "DualTableBackfill", "DualTableMapping",
        "DualTableScan", "MigrationControl",
        "DynamoDBSimulator", "DynamoDBClient", "DynamoDBModel", "HTTPTransport", "TestSupport",
      ]),
    tests(
      "MigrationControlTests",
      ["MigrationControl", "DynamoDBSimulator", "DynamoDBClient", "DynamoDBModel", "AWSAuth", "HTTPTransport", "Telemetry", "TestSupport"]),
    tests("TidyTests", []),
  ]
)

// What the fuzz targets call is internal, and the fuzzer brings a main of its own: Tests/fuzz builds them as a library, all else as tests.
let fuzzed: [Target.Dependency] = [
  "DualTableReport", "DualTableVerify", "DualTableBackfill", "DualTableScan", "MigrationControl", "DualTableMapping", "DynamoDBSimulator",
  "DynamoDBExpressions", "DynamoDBModel", "AWSAuth", "CurlTransport", "HTTPTransport",
]
package.targets.append(
  Context.environment["DUALTABLE_FUZZ"] == nil
    ? .testTarget(
      name: "FuzzTests", dependencies: fuzzed + ["TestSupport"], path: "Tests/FuzzTargets", exclude: ["Corpus"], swiftSettings: settings)
    : .target(
      name: "FuzzTargets", dependencies: fuzzed, path: "Tests/FuzzTargets", exclude: ["Corpus", "FuzzTests.swift"], swiftSettings: settings)
)
