// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

/// Every target: an async function stays on its caller's executor unless it says otherwise. The hot path rests on it.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
    name: "swift-nest",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Nest", targets: ["Nest"]),
        .library(name: "NestCore", targets: ["NestCore"]),
        .library(name: "NestJSON", targets: ["NestJSON"]),
        .library(name: "NestMacros", targets: ["NestMacros"]),
        .library(name: "NestMemory", targets: ["NestMemory"]),
        .library(name: "NestMessaging", targets: ["NestMessaging"]),
        .library(name: "NestTCP", targets: ["NestTCP"]),
        .library(name: "NestTesting", targets: ["NestTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.34.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/swiftlang/swift-syntax", "602.0.0"..<"604.0.0"),
    ],
    targets: [
        // The house. Arrows point down the list: a target names only those above it.
        .target(name: "NestJSON", swiftSettings: swiftSettings),
        .target(
            name: "NestCore",
            dependencies: [
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "NestMessaging",
            dependencies: [
                "NestCore", "NestJSON",
                .product(name: "Instrumentation", package: "swift-distributed-tracing"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings),
        .target(name: "NestMemory", dependencies: ["NestMessaging"], swiftSettings: swiftSettings),
        .target(
            name: "NestTCP",
            dependencies: ["NestMessaging", .product(name: "NIOSSL", package: "swift-nio-ssl")] + nio,
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
            name: "NestTesting", dependencies: ["NestMessaging", "NestMemory"] + nio, swiftSettings: swiftSettings),
        .target(
            name: "Nest", dependencies: ["NestMacros", "NestMemory", "NestMessaging", "NestTCP"],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
