// swift-tools-version: 6.1
import PackageDescription

/// Every arrow here is drawn in Sources/README.md; Tests/ArchitectureTests fails on one that is not.
let package = Package(
    name: "twinhub",
    platforms: [.macOS(.v14)],
    products: [
        .executable(name: "twinhub", targets: ["twinhub"])
    ],
    targets: [
        // System libraries: the only code that is not ours.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // The contract, embedded into the binary as raw strings.
        .executableTarget(name: "SchemaEmbedder", path: "Sources/SchemaEmbedding/Tool"),
        .plugin(name: "EmbedSchemas", capability: .buildTool(), dependencies: ["SchemaEmbedder"], path: "Sources/SchemaEmbedding/Plugin"),
        .target(name: "Schemas", path: "Schemas", exclude: ["sql", "events", "divisions", "scenarios", "incidents"], plugins: ["EmbedSchemas"]),

        .target(name: "Subprocess"),
        .target(name: "PostgresClient", dependencies: ["CLibPQ"]),
        .target(name: "EventLog", dependencies: ["PostgresClient", "CLibCrypto", "Schemas"], exclude: ["README.md"]),
        .target(name: "RecordFormats", linkerSettings: [.linkedLibrary("iconv", .when(platforms: [.macOS]))]),
        .target(
            name: "AdapterKit", dependencies: ["EventLog", "PostgresClient", "RecordFormats", "CLibCrypto", "Schemas", "Subprocess"], exclude: ["README.md"]),
        .target(name: "Projections", dependencies: ["EventLog", "PostgresClient"]),
        .target(
            name: "DigitalTwin", dependencies: ["Projections", "EventLog", "PostgresClient", "Schemas"],
            exclude: ["Addresses/README.md", "Cases/README.md", "Entities/README.md", "Scenarios/README.md", "Identity/README.md", "Incidents/README.md"]),
        .target(name: "EventStreams", dependencies: ["CLibCrypto", "EventLog", "PostgresClient", "Schemas"], exclude: ["README.md"]),
        .target(name: "Operations", dependencies: ["CLibCrypto", "EventLog", "PostgresClient", "Subprocess"]),
        .target(name: "Simulation", dependencies: ["RecordFormats"]),
        .executableTarget(
            name: "twinhub",
            dependencies: [
                "AdapterKit", "DigitalTwin", "EventLog", "EventStreams", "Operations", "PostgresClient", "Projections", "RecordFormats", "Schemas",
                "Simulation", "Subprocess",
            ],
            exclude: ["Dockerfile"]),

        .executableTarget(
            name: "TwinhubBenchmarks",
            dependencies: [
                "AdapterKit", "DigitalTwin", "EventLog", "EventStreams", "Operations", "PostgresClient", "Projections", "RecordFormats", "StreamFaults",
                "Simulation", "Subprocess",
            ],
            path: "Tests/Benchmarks"),

        // A private PostgreSQL for tests; a database of its own for each.
        .target(name: "PrivateServer", dependencies: ["EventLog", "Operations", "PostgresClient", "Subprocess"], path: "Tests/PrivateServer"),
        // The twin's rules a second time, as plainly as they can be written, and the views' rows in the same form.
        .target(name: "TwinReference", dependencies: ["PostgresClient"], path: "Tests/TwinReference"),
        // Consumers under faults, small in the tests and large in `benchmark faults`.
        .target(
            name: "StreamFaults", dependencies: ["EventLog", "EventStreams", "Operations", "PostgresClient", "PrivateServer", "Subprocess"],
            path: "Tests/StreamFaults"),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas", "Subprocess"]),
        .testTarget(name: "SubprocessTests", dependencies: ["Subprocess"]),
        .testTarget(name: "PostgresClientTests", dependencies: ["PostgresClient", "PrivateServer"]),
        .testTarget(name: "EventLogTests", dependencies: ["EventLog", "PrivateServer", "Subprocess"], exclude: ["verify-with-psql.sh"]),
        .testTarget(name: "RecordFormatsTests", dependencies: ["RecordFormats"]),
        .testTarget(name: "AdapterKitTests", dependencies: ["AdapterKit", "PrivateServer", "Subprocess", "twinhub"], exclude: ["SingerStreams"]),
        .testTarget(name: "DigitalTwinTests", dependencies: ["DigitalTwin", "PrivateServer", "RecordFormats", "TwinReference"]),
        .testTarget(
            name: "EventStreamsTests",
            dependencies: [
                "AdapterKit", "DigitalTwin", "EventLog", "EventStreams", "Operations", "PostgresClient", "PrivateServer", "Projections", "RecordFormats",
                "Subprocess", "TwinReference", "twinhub",
            ],
            exclude: ["CloudEventsSpecification"]),
        .testTarget(name: "OperationsTests", dependencies: ["EventLog", "Operations", "PostgresClient", "PrivateServer", "twinhub"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
        .testTarget(
            name: "FaultTests",
            dependencies: ["DigitalTwin", "EventLog", "Operations", "PostgresClient", "PrivateServer", "Projections", "StreamFaults", "TwinReference", "twinhub"]),
        .testTarget(name: "ArchitectureTests"),
        .testTarget(
            name: "IntegrationTests", dependencies: ["AdapterKit", "DigitalTwin", "PrivateServer", "Subprocess", "TwinReference", "twinhub"], exclude: ["README.md"]),
    ]
)

// Whether two accesses to one variable overlap is checked while debug builds run, and so in all tests. In release builds it took a tenth of an
// adapter's time.
for target in package.targets where target.type == .regular || target.type == .executable {
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
}
