import SwiftCompilerPlugin
import SwiftSyntaxMacros

/// What the compiler asks for the expansion of the macros that NestMacros and NestHTTP declare.
@main struct NestMacrosPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [
        BlockingMacro.self,
        ControllerMacro.self,
        EnhancerMacro.self,
        HandlerMarkerMacro.self,
        InjectMacro.self,
        InjectableMacro.self,
        MessageMacro.self,
        ModuleMacro.self,
        RouteSettingMacro.self,
    ]
}
