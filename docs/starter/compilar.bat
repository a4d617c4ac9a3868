@echo off
rem Compiles main.cpp and runs it. A double click will do.
setlocal
pushd "%~dp0"
chcp 65001 >nul 2>&1
set result=1

if not exist main.cpp goto no_main
set headers=include
if exist include\sockets\tcp.hpp goto find_compiler
set headers=../../include
if exist ..\..\include\sockets\tcp.hpp goto find_compiler
goto no_headers

:find_compiler
set compiler=
for %%G in (g++.exe) do set "compiler=%%~$PATH:G"
if defined compiler goto compile
rem Not in the PATH: where MSYS2 and winlibs usually are.
for %%D in (C:\mingw64\bin C:\msys64\mingw64\bin C:\msys64\ucrt64\bin) do if exist %%D\g++.exe set "compiler=%%D"
if not defined compiler goto no_compiler
set "PATH=%compiler%;%PATH%"

:compile
echo g++ -std=c++17 -Wall -Wextra -I %headers% main.cpp -o main.exe -lws2_32 -static
g++.exe -std=c++17 -Wall -Wextra -I %headers% main.cpp -o main.exe -lws2_32 -static
if not %errorlevel%==0 goto not_compiled
echo.
.\main.exe
set result=%errorlevel%
goto end

:not_compiled
echo.
echo No compila. Empieza por el primer error: los otros suelen venir de ese.
goto end

:no_main
echo Falta main.cpp. Si la carpeta viene en un zip, primero hay que extraerla.
goto end

:no_headers
echo Falta la carpeta include. Copia la del proyecto al lado de main.cpp.
goto end

:no_compiler
echo No se encuentra g++, el compilador. Para instalarlo:
echo   1. Instala MSYS2: https://www.msys2.org
echo   2. En su ventana "MSYS2 UCRT64" escribe: pacman -S mingw-w64-ucrt-x86_64-gcc
echo   3. Agrega a la variable Path de Windows: C:\msys64\ucrt64\bin
echo   4. Cierra esta ventana y prueba otra vez.

:end
popd
echo.
pause
exit /b %result%
