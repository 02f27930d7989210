; The installer for Windows: for one user, without an administrator's rights. installer.py calls makensis with it.
;
;   /S          install silently; with the program open it waits half a minute for its end, then gives up with code 1,
;               and with code 2 if the disk is full or a file is held; the version that is there stays then
;   /D=FOLDER   where to; the last argument, without quotes
;
; The uninstaller takes /S too. Conversations, pictures, recordings and settings are never touched by either.
Unicode true
!ifdef TARGET
  Target "${TARGET}"
!endif
!ifdef STORED
  SetCompress off ; models do not shrink
!else
  SetCompressor /SOLID lzma
!endif

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

!define PROGRAM_FILE "${PROGRAM}.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${PROGRAM}"
!define CAPABILITIES "Software\${NAME}\Capabilities"
!define FILE_CLASS "${NAME}.File"
!define BESIDE "$INSTDIR\.new"
!define FORMER "$INSTDIR\.old"
!define QUARTERS_TO_WAIT 120

Name "${NAME}"
OutFile "${RESULT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "Software\${NAME}" "Folder"
RequestExecutionLevel user
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
BrandingText "${NAME} ${VERSION}"
SetOverwrite on
AllowSkipFiles off ; else a silent update leaves out what it cannot write
!ifdef SIGN
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

VIProductVersion "${VERSION}.0"
VIFileVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "CompanyName" "${COMPANY}"
VIAddVersionKey "LegalCopyright" "${COPYRIGHT}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM_FILE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "SimpChinese"

LangString STILL_OPEN ${LANG_ENGLISH} "${NAME} is open. Close it, then go on."
LangString STILL_OPEN ${LANG_SIMPCHINESE} "${NAME} 正在运行。请先关闭它，然后继续。"
LangString FILE_KIND ${LANG_ENGLISH} "Picture or sound"
LangString FILE_KIND ${LANG_SIMPCHINESE} "图片或音频"
LangString ABOUT_PROGRAM ${LANG_ENGLISH} "Chat, images and audio with OpenAI's API or offline"
LangString ABOUT_PROGRAM ${LANG_SIMPCHINESE} "用 OpenAI 接口或离线进行对话、图像与语音"

; A program that runs cannot be written to. An update calls the installer while the program is about to end.
!macro WAIT_UNTIL_CLOSED FILE
  StrCpy $0 0
  ${Do}
    ${IfNot} ${FileExists} "$INSTDIR\${FILE}"
      ${Break}
    ${EndIf}
    ClearErrors
    FileOpen $1 "$INSTDIR\${FILE}" a
    ${IfNot} ${Errors}
      FileClose $1
      ${Break}
    ${EndIf}
    ${If} ${Silent}
      IntOp $0 $0 + 1
      ${If} $0 > ${QUARTERS_TO_WAIT}
        SetErrorLevel 1
        Quit
      ${EndIf}
      Sleep 250
    ${Else}
      MessageBox MB_RETRYCANCEL|MB_ICONINFORMATION "$(STILL_OPEN)" IDRETRY +2
      Quit
    ${EndIf}
  ${Loop}
!macroend

!macro WAIT_UNTIL_ALL_ARE_CLOSED
  !insertmacro WAIT_UNTIL_CLOSED "${PROGRAM}.exe"
  !insertmacro WAIT_UNTIL_CLOSED "${PROGRAM}-cli.exe"
  !insertmacro WAIT_UNTIL_CLOSED "${PROGRAM}-engine.exe"
!macroend

Function .onInstFailed
  SetOutPath "$INSTDIR"
  RMDir /r "${BESIDE}" ; it may have filled the disk
FunctionEnd

!macro REPLACE FILE
  Delete "$INSTDIR\${FILE}"
  Rename "${BESIDE}\${FILE}" "$INSTDIR\${FILE}"
!macroend

; Offered in "Open with", never made the default: what opens a file is the user's choice.
!macro OFFER ENDING
  WriteRegStr HKCU "Software\Classes\${ENDING}\OpenWithProgids" "${FILE_CLASS}" ""
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM_FILE}\SupportedTypes" "${ENDING}" ""
  WriteRegStr HKCU "${CAPABILITIES}\FileAssociations" "${ENDING}" "${FILE_CLASS}"
!macroend
!macro TAKE_BACK ENDING
  DeleteRegValue HKCU "Software\Classes\${ENDING}\OpenWithProgids" "${FILE_CLASS}"
  DeleteRegKey /ifempty HKCU "Software\Classes\${ENDING}\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "Software\Classes\${ENDING}"
!macroend

Section
  !insertmacro WAIT_UNTIL_ALL_ARE_CLOSED
  ; Beside the present version until all of it is there: a full disk leaves that one as it was.
  RMDir /r "${BESIDE}"
  SetOutPath "${BESIDE}"
  File /r "${BUNDLE}\*"
  SetOutPath "$INSTDIR"
  ; As a whole: what another version left there would be loaded too, and a folder of which a file is open cannot be
  ; renamed, so that nothing has happened to it then.
  RMDir /r "${FORMER}"
  ClearErrors
  ${If} ${FileExists} "$INSTDIR\_internal\*"
    Rename "$INSTDIR\_internal" "${FORMER}"
  ${EndIf}
  ${If} ${Errors}
    Abort "$(STILL_OPEN)"
  ${EndIf}
  Rename "${BESIDE}\_internal" "$INSTDIR\_internal"
  ${If} ${Errors}
    Rename "${FORMER}" "$INSTDIR\_internal"
    Abort "$(STILL_OPEN)"
  ${EndIf}
  !insertmacro REPLACE "${PROGRAM}.exe"
  !insertmacro REPLACE "${PROGRAM}-cli.exe"
  !insertmacro REPLACE "${PROGRAM}-engine.exe"
  RMDir "${BESIDE}"
  RMDir /r "${FORMER}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM_FILE}"

  WriteRegStr HKCU "Software\${NAME}" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM_FILE}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${COMPANY}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" "$0"
  WriteRegStr HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\${PROGRAM_FILE}" "" "$INSTDIR\${PROGRAM_FILE}"

  WriteRegStr HKCU "Software\Classes\${FILE_CLASS}" "" "$(FILE_KIND)"
  WriteRegStr HKCU "Software\Classes\${FILE_CLASS}\DefaultIcon" "" "$INSTDIR\${PROGRAM_FILE},0"
  WriteRegStr HKCU "Software\Classes\${FILE_CLASS}\shell\open\command" "" '"$INSTDIR\${PROGRAM_FILE}" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM_FILE}" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM_FILE}\shell\open\command" "" \
    '"$INSTDIR\${PROGRAM_FILE}" "%1"'
  WriteRegStr HKCU "${CAPABILITIES}" "ApplicationName" "${NAME}"
  WriteRegStr HKCU "${CAPABILITIES}" "ApplicationDescription" "$(ABOUT_PROGRAM)"
  WriteRegStr HKCU "Software\RegisteredApplications" "${NAME}" "${CAPABILITIES}"
  !define ENDING_MACRO OFFER
  !include "${FILE_TYPES}"
  !undef ENDING_MACRO
  ${RefreshShellIcons}
SectionEnd

Section Uninstall
  !insertmacro WAIT_UNTIL_ALL_ARE_CLOSED
  RMDir /r "${BESIDE}" ; of an installation that was broken off
  RMDir /r "${FORMER}"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}.exe"
  Delete "$INSTDIR\${PROGRAM}-cli.exe"
  Delete "$INSTDIR\${PROGRAM}-engine.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR" ; only if nothing else lies there
  Delete "$SMPROGRAMS\${NAME}.lnk"

  !define ENDING_MACRO TAKE_BACK
  !include "${FILE_TYPES}"
  !undef ENDING_MACRO
  DeleteRegKey HKCU "Software\Classes\${FILE_CLASS}"
  DeleteRegKey HKCU "Software\Classes\Applications\${PROGRAM_FILE}"
  DeleteRegValue HKCU "Software\RegisteredApplications" "${NAME}"
  DeleteRegKey HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths\${PROGRAM_FILE}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "Software\${NAME}"
  ${RefreshShellIcons}
SectionEnd
