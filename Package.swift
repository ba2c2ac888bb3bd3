// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

/// Every target: an async function stays on its caller's executor unless it says otherwise. The hot path rests on it.
let swiftSettings: [SwiftSetting] =
    [
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (Context.environment["NEST_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let ssl = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

/// Rendering the documentation is nothing that users of the package should download a plugin for.
let documentation: [Package.Dependency] =
    Context.environment["NEST_DOCS"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

/// The checkout, with its database, and the benchmark of HTTP take minutes to build: users of the package get them only
/// when they ask. The scripts do.
let withExamples = Context.environment["NEST_EXAMPLES"] != nil

let examples: [Target] = [
    .executableTarget(
        name: "http-bench", dependencies: ["NestHTTP", arguments, hummingbird, logging] + nio,
        path: "Benchmarks/http", swiftSettings: swiftSettings),
    .target(
        name: "CheckoutContracts", dependencies: ["Nest", arguments],
        path: "Examples/Checkout/Contracts", swiftSettings: swiftSettings),
    .target(
        name: "CheckoutTransports",
        dependencies: [
            "CheckoutContracts", "NestKafka", "NestNats", "NestRabbitMQ", "NestRedis", "NestTCP", arguments,
        ],
        path: "Examples/Checkout/Transports", swiftSettings: swiftSettings),
    .target(
        name: "CheckoutDatabase", dependencies: [grdb], path: "Examples/Checkout/Database",
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "checkout-api", dependencies: ["CheckoutContracts", "CheckoutTransports", "Nest", arguments],
        path: "Examples/Checkout/API", swiftSettings: swiftSettings),
    .executableTarget(
        name: "orders-rpc",
        dependencies: [
            "CheckoutContracts", "CheckoutDatabase", "CheckoutTransports", "Nest", arguments, grdb, lifecycle,
        ],
        path: "Examples/Checkout/OrdersRPC", swiftSettings: swiftSettings),
    .executableTarget(
        name: "audit-worker",
        dependencies: ["CheckoutContracts", "CheckoutDatabase", "CheckoutTransports", "Nest", arguments, grdb],
        path: "Examples/Checkout/AuditWorker", swiftSettings: swiftSettings),
    .executableTarget(
        name: "ledger-worker",
        dependencies: ["CheckoutContracts", "CheckoutDatabase", "CheckoutTransports", "Nest", arguments, grdb],
        path: "Examples/Checkout/LedgerWorker", swiftSettings: swiftSettings),
    .executableTarget(
        name: "notifications-worker",
        dependencies: ["CheckoutContracts", "CheckoutTransports", "Nest", arguments, lifecycle],
        path: "Examples/Checkout/NotificationsWorker", swiftSettings: swiftSettings),
    .testTarget(
        name: "CheckoutTests",
        dependencies: [
            "CheckoutContracts", "CheckoutDatabase", "CheckoutTransports", "Nest", "NestHTTPTesting", "NestKafka",
            "NestMemory", "NestTesting", "audit-worker", "checkout-api", "ledger-worker", "notifications-worker",
            "orders-rpc",
            arguments, grdb,
            httpTypes, .product(name: "NIOHTTP1", package: "swift-nio"),
        ] + nio,
        swiftSettings: swiftSettings),
]

/// The tests of the macros' compiler plugin run where compilers do, and take all other tests along: everything would be
/// built twice. The scripts build and run them by themselves (`NEST_TESTS=macros`), and the others without them
/// (`NEST_TESTS=others`).
let chosenTests = Context.environment["NEST_TESTS"]
let macroTests: [Target] =
    chosenTests == "others"
    ? []
    : [
        .testTarget(
            name: "NestMacrosTests",
            dependencies: [
                "NestMacrosPlugin",
                .product(name: "SwiftSyntaxMacrosGenericTestSupport", package: "swift-syntax"),
            ],
            swiftSettings: swiftSettings)
    ]

let package = Package(
    name: "swift-nest",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Nest", targets: ["Nest"]),
        .library(name: "NestCore", targets: ["NestCore"]),
        .library(name: "NestGRPC", targets: ["NestGRPC"]),
        .library(name: "NestHTTP", targets: ["NestHTTP"]),
        .library(name: "NestHTTPTesting", targets: ["NestHTTPTesting"]),
        .library(name: "NestJSON", targets: ["NestJSON"]),
        .library(name: "NestKafka", targets: ["NestKafka"]),
        .library(name: "NestMacros", targets: ["NestMacros"]),
        .library(name: "NestMemory", targets: ["NestMemory"]),
        .library(name: "NestMessaging", targets: ["NestMessaging"]),
        .library(name: "NestNats", targets: ["NestNats"]),
        .library(name: "NestRabbitMQ", targets: ["NestRabbitMQ"]),
        .library(name: "NestRedis", targets: ["NestRedis"]),
        .library(name: "NestTCP", targets: ["NestTCP"]),
        .library(name: "NestTesting", targets: ["NestTesting"]),
        .executable(name: "nest-peer", targets: ["nest-peer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax", "602.0.0"..<"604.0.0"),
    ] + documentation + (withExamples ? [.package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0")] : []),
    targets: [
        // The C libraries that transports stand on.
        .systemLibrary(
            name: "CNats", path: "CModules/CNats", pkgConfig: "libnats",
            providers: [.apt(["libnats-dev"]), .brew(["cnats"])]),
        .systemLibrary(
            name: "CRabbitMQ", path: "CModules/CRabbitMQ", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .systemLibrary(
            name: "CNghttp2", path: "CModules/CNghttp2", pkgConfig: "libnghttp2",
            providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
        .systemLibrary(
            name: "CZlib", path: "CModules/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CRdKafka", path: "CModules/CRdKafka", pkgConfig: "rdkafka",
            providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
        // Without pkg-config: what hiredis's file says makes SwiftPM warn at every build.
        .systemLibrary(
            name: "CHiredis", path: "CModules/CHiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),

        // The house. Arrows point up the list: a target names only those above it.
        .target(name: "NestJSON", swiftSettings: swiftSettings),
        .target(name: "NestCore", dependencies: [logging, lifecycle], swiftSettings: swiftSettings),
        .target(
            name: "NestMessaging",
            dependencies: [
                "NestCore", "NestJSON", logging, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ] + nio,
            swiftSettings: swiftSettings),
        .target(name: "NestMemory", dependencies: ["NestMessaging", lifecycle] + nio, swiftSettings: swiftSettings),
        .target(
            name: "NestSockets", dependencies: ["NestMessaging", logging, ssl] + nio, swiftSettings: swiftSettings),
        .target(
            name: "NestTCP",
            dependencies: [
                "NestMessaging", "NestSockets", lifecycle, logging, ssl,
                .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestGRPC",
            dependencies: [
                "CNghttp2", "CZlib", "NestMessaging", "NestSockets", lifecycle, logging, ssl,
                .product(name: "NIOTLS", package: "swift-nio"),
            ] + nio,
            exclude: ["Proto"], swiftSettings: swiftSettings),
        .target(
            name: "NestKafka",
            dependencies: [
                "CRdKafka", "NestJSON", "NestMessaging", lifecycle, logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestNats", dependencies: ["CNats", "NestMessaging", lifecycle, logging] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestRabbitMQ", dependencies: ["CRabbitMQ", "NestMessaging", lifecycle, logging, ssl] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestRedis",
            dependencies: ["CHiredis", "NestMessaging", "NestSockets", lifecycle, logging, ssl] + nio,
            swiftSettings: swiftSettings),
        .macro(
            name: "NestMacrosPlugin",
            dependencies: [
                .product(name: "SwiftCompilerPlugin", package: "swift-syntax"),
                .product(name: "SwiftSyntaxMacros", package: "swift-syntax"),
            ],
            swiftSettings: swiftSettings),
        .target(name: "NestMacros", dependencies: ["NestMessaging", "NestMacrosPlugin"], swiftSettings: swiftSettings),
        .target(
            name: "NestHTTP",
            dependencies: [
                "NestMacros", "NestMacrosPlugin", "NestMessaging", hummingbird, httpTypes, logging, lifecycle, ssl,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPCompression", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestTesting", dependencies: ["NestMessaging", "NestMemory", logging] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "NestHTTPTesting",
            dependencies: [
                "NestHTTP", "NestTesting", httpTypes, lifecycle,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            ] + nio,
            swiftSettings: swiftSettings),
        .target(
            name: "Nest", dependencies: ["NestHTTP", "NestMacros", "NestMemory", "NestMessaging", "NestTCP"],
            swiftSettings: swiftSettings),

        // Examples.
        .executableTarget(
            name: "hello-service", dependencies: ["Nest"], path: "Examples/Hello/Service", swiftSettings: swiftSettings),
        .executableTarget(
            name: "hello-caller", dependencies: ["Nest"], path: "Examples/Hello/Caller", swiftSettings: swiftSettings),
        .executableTarget(
            name: "nest-peer",
            dependencies: [
                "NestGRPC", "NestKafka", "NestNats", "NestRabbitMQ", "NestRedis", "NestTCP", arguments,
            ] + nio,
            path: "Examples/Peer",
            swiftSettings: swiftSettings),

        // Tests.
        .testTarget(name: "NestJSONTests", dependencies: ["NestJSON"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NestCoreTests", dependencies: ["NestCore", logging, lifecycle], swiftSettings: swiftSettings),
        .testTarget(
            name: "NestMessagingTests",
            dependencies: [
                "NestMemory", "NestMessaging", "NestTesting", lifecycle,
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ] + nio,
            exclude: ["Golden"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NestMemoryTests", dependencies: ["NestMemory", "NestMessaging", "NestTesting"] + nio,
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestSocketsTests", dependencies: ["NestSockets"] + nio, swiftSettings: swiftSettings),
        .testTarget(
            name: "NestGRPCTests", dependencies: ["CNghttp2", "NestGRPC", "NestTesting", ssl] + nio, exclude: ["Peers"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestNatsTests", dependencies: ["NestNats", "NestTesting"] + nio, exclude: ["Peers"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestRabbitMQTests", dependencies: ["NestRabbitMQ", "NestTesting"] + nio, exclude: ["Peers"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestRedisTests", dependencies: ["NestRedis", "NestTesting", ssl] + nio, exclude: ["Peers"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestKafkaTests",
            dependencies: [
                "CRdKafka", "NestKafka", "NestTesting", .product(name: "MetricsTestKit", package: "swift-metrics"),
            ] + nio,
            exclude: ["Peers"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NestTCPTests", dependencies: ["NestTCP", "NestTesting", ssl] + nio, swiftSettings: swiftSettings),
        .testTarget(
            name: "NestHTTPTests",
            dependencies: [
                "NestHTTP", "NestMemory", "NestTCP", "NestTesting", hummingbird, httpTypes,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ] + nio,
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestHTTPTestingTests", dependencies: ["NestHTTPTesting", httpTypes] + nio,
            swiftSettings: swiftSettings),
        .testTarget(
            name: "NestTestingTests", dependencies: ["NestMemory", "NestTCP", "NestTesting"] + nio,
            swiftSettings: swiftSettings),
        .testTarget(
            name: "TransportTests", dependencies: ["NestMemory", "NestTCP", "NestTesting"] + nio,
            swiftSettings: swiftSettings),
        .testTarget(name: "NestTests", dependencies: ["Nest", "NestTesting"], swiftSettings: swiftSettings),
    ] + macroTests + (withExamples ? examples : []),
    swiftLanguageModes: [.v6]
)

if chosenTests == "macros" {
    let wanted = ["NestMacrosPlugin", "NestMacrosTests"]
    package.targets.removeAll { !wanted.contains($0.name) }
    package.products = []
}
