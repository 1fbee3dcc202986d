package io.github.procession.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InheritedFlagsTest {
    private static List<String> inherited(String... arguments) {
        return InheritedFlags.of(
                List.of(arguments), file -> file.startsWith("/") ? file : "/here/" + file, "/dumps"::equals);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dkey=value",
                "-Dempty",
                "-ea",
                "-ea:some.Class",
                "-esa",
                "-da:other...",
                "--enable-preview",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-reads=a=b",
                "--add-modules=java.sql",
                "--limit-modules=java.se",
                "--enable-native-access=some.module",
                "--illegal-native-access=deny",
                "--sun-misc-unsafe-memory-access=allow",
                "--finalization=disabled",
                "-Xint",
                "-Xcomp",
                "-Xmixed",
                "-Xbatch",
                "-Xrs",
                "-Xss2m",
                "-Xmx1g",
                "-Xms64m",
                "-Xmn32m",
                "-Xcheck:jni",
                "-Xshare:off",
                "-Xshare:on",
                "-Xshare:auto",
                "-Xverify:none",
                "-Xbootclasspath/a:/lib/boot.jar",
                "-Xlog:disable",
                "-Xlog:all=off",
                "-XX:+UseZGC",
                "-XX:+UseParallelGC",
                "-XX:MaxGCPauseMillis=50",
                "-XX:MaxRAMPercentage=10",
                "-XX:ActiveProcessorCount=2",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+CrashOnOutOfMemoryError",
                "-XX:+HeapDumpOnOutOfMemoryError",
                "-XX:HeapDumpPath=/dumps",
                "-XX:NativeMemoryTracking=summary",
                "-XX:+DisableAttachMechanism",
                "-XX:+EnableDynamicAgentLoading",
                "-XX:-StackTraceInThrowable",
                "-XX:+UseCompactObjectHeaders",
                "-XX:+PreserveFramePointer",
                "-XX:CompileCommand=quiet",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-Djava.library.path=/native",
                "-Djava.io.tmpdir=/tmp/x y",
                "-Djava.system.class.loader=some.Loader",
                "-Dfile.encoding=COMPAT"
            })
    void whatMakesTheProgramRunAsItDoesGoesAlong(String flag) {
        assertThat(inherited(flag)).containsExactly(flag);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:5005",
                "-agentpath:/opt/profiler.so=start",
                "-javaagent:/opt/jacoco.jar=destfile=jacoco.exec",
                "-Xdebug",
                "-Xnoagent",
                "-Xrunjdwp:transport=dt_socket,server=y",
                "-Dcom.sun.management.jmxremote.port=9010",
                "-XX:+ManagementServer",
                "-Xlog:gc:file=gc.log",
                "-Xlog:class+load",
                "-Xlog",
                "-Xloggc:gc.log",
                "-verbose",
                "-verbose:gc",
                "-verbose:class",
                "-XX:ErrorFile=/var/log/hs_err_%p.log",
                "-XX:+ErrorFileToStderr",
                "-XX:LogFile=vm.log",
                "-XX:+LogVMOutput",
                "-XX:+LogCompilation",
                "-XX:+PrintFlagsFinal",
                "-XX:+PrintCommandLineFlags",
                "-XX:+PrintNMTStatistics",
                "-XX:+CITime",
                "-XX:+DumpPerfMapAtExit",
                "-XX:+UsePerfData",
                "-XX:PerfDataSaveFile=x",
                "-XX:+PerfDataSaveToFile",
                "-XX:+PerfDisableSharedMem",
                "-XX:StartFlightRecording",
                "-XX:StartFlightRecording:filename=x.jfr",
                "-XX:FlightRecorderOptions:stackdepth=128",
                "-XX:OnError=gdb %p",
                "-XX:OnOutOfMemoryError=restart.sh",
                "-XX:+ShowMessageBoxOnError",
                "-XX:+PauseAtStartup",
                "-XX:+AlwaysPreTouch",
                "-Xshare:dump",
                "-XX:ArchiveClassesAtExit=app.jsa",
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=app.jsa",
                "-XX:DumpLoadedClassList=app.lst",
                "-XX:SharedClassListFile=app.lst",
                "-XX:+RecordDynamicDumpInfo",
                "-XX:AOTCache=app.aot",
                "-XX:AOTMode=record",
                "-XX:AOTConfiguration=app.aotconf",
                "-XX:AOTCacheOutput=app.aot",
                "-XX:+AOTClassLinking",
                "-XX:CRaCCheckpointTo=cr",
                "-Djava.class.path=x",
                "-Djdk.module.main=app",
                "-Djdk.console=jdk.jshell",
                "--module-path=mods",
                "--upgrade-module-path=mods",
                "-XX:Flags=.hotspotrc",
                "-XX:VMOptionsFile=options"
            })
    void whatOnlyOneProcessCanHaveStaysBehind(String flag) {
        assertThat(inherited(flag, "-Dkept=yes")).containsExactly("-Dkept=yes");
    }

    @Test
    void whatStoodInAFileOfFlagsIsSpelledOut() {
        assertThat(inherited(
                        "+UseStringDeduplication", "-UseTLAB", "MaxHeapSize=1g", "+PrintFlagsFinal", "-Xint", "-DA"))
                .containsExactly("-XX:+UseStringDeduplication", "-XX:-UseTLAB", "-XX:MaxHeapSize=1g", "-Xint", "-DA");
    }

    @Test
    void filesAreNamedFromTheRoot() {
        assertThat(inherited("--patch-module=java.sql=a.jar:/b.jar", "-Xbootclasspath/a:boot.jar:/c.jar"))
                .containsExactly(
                        "--patch-module=java.sql=/here/a.jar:/b.jar", "-Xbootclasspath/a:/here/boot.jar:/c.jar");
    }

    @Test
    void aHeapDumpGoesBesideTheParentsAndNotOverIt() {
        assertThat(inherited("-XX:HeapDumpPath=/dumps")).containsExactly("-XX:HeapDumpPath=/dumps");
        assertThat(inherited("-XX:HeapDumpPath=/var/log/app.hprof")).containsExactly("-XX:HeapDumpPath=/var/log/");
        assertThat(inherited("-XX:HeapDumpPath=app.hprof")).containsExactly("-XX:HeapDumpPath=/here/");
    }

    @Test
    void aKeyComesBeforeWhatItUnlocks() {
        assertThat(inherited("+WhiteBoxAPI", "-Da=1", "-XX:+UnlockDiagnosticVMOptions"))
                .containsExactly("-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-Da=1");
    }

    @Test
    void ofEqualFlagsTheLastStays() {
        assertThat(inherited("-Xmx1g", "-Dx=1", "-Xmx2g", "-Dx=1", "-Xmx1g"))
                .containsExactly("-Xmx2g", "-Dx=1", "-Xmx1g");
    }

    @Test
    void aCollectorIsRecognized() {
        assertThat(InheritedFlags.chooseCollector(List.of("-Xmx1g", "-XX:+UseZGC")))
                .isTrue();
        assertThat(InheritedFlags.chooseCollector(List.of("-XX:-UseZGC", "-XX:+UseStringDeduplication")))
                .isFalse();
    }
}
