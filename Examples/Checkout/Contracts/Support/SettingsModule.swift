package import Nest

/// What the command line said, injectable everywhere by its type.
package enum SettingsModule: Module {
    package static var metadata: ModuleMetadata { ModuleMetadata() }

    package static func with<Settings: Sendable>(_ settings: Settings) -> DynamicModule {
        DynamicModule(
            SettingsModule.self, providers: [.value(settings)], exports: [ModuleExport(Settings.self)], isGlobal: true)
    }
}
